//! What becomes of a message: an answer for the host, or an event for the guest.
use super::event::{CloseReason, Frame, What};
use super::gauge::State;
use super::plan::MAX_PING_BYTES;
use super::pump::Pump;
use super::scrub;
use ports::secret::Vault;
use std::sync::atomic::Ordering::Relaxed;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Message;

impl Pump<'_> {
    /// The reason to end, if it is one.
    pub(super) fn came(&mut self, message: Message) -> Option<CloseReason> {
        let (frame, found) = match message {
            Message::Text(text) => {
                self.driver.context.gauge.came_in(text.len());
                let arriving = self.awaits.then_some(&self.plan.url);
                let (frame, found) = scrub::text(self.vault(), &text, arriving);
                // NB: of what the guest may see, so that its tests find out no more than it can read.
                if let Frame::Text(text) = &frame
                    && self.is_answer(text)
                {
                    return None;
                }
                (frame, found)
            }
            Message::Binary(bytes) => {
                self.driver.context.gauge.came_in(bytes.len());
                scrub::binary(self.vault(), bytes)
            }
            Message::Close(frame) => {
                let code = frame.as_ref().map(|frame| frame.code.into());
                let text = frame.map(|frame| self.vault().redact(&frame.reason).into_owned());
                let text = text.unwrap_or_default();
                return Some(CloseReason::Peer { code, text });
            }
            // The library has queued the pong and sends it with the next read.
            Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => return None,
        };
        tracing::debug!(bytes = frame.len(), "received");
        if found {
            self.driver.context.gauge.scrubbed.fetch_add(1, Relaxed);
            if !std::mem::replace(&mut self.scrubbed, true) {
                tracing::warn!(blame = "platform", "a secret came back and was taken out");
            }
        }
        self.wire.settle();
        self.tell(What::Message(frame));
        None
    }

    /// The tests that the host runs for the guest. Whether the guest need not see it.
    fn is_answer(&mut self, text: &str) -> bool {
        let ready = self.plan.ready.as_ref().filter(|_| !self.ready);
        let ping = self.plan.ping.as_ref().filter(|_| text.len() <= MAX_PING_BYTES);
        if ready.is_none() && ping.is_none() {
            return false;
        }
        let Ok(json) = serde_json::from_str(text) else { return false };
        let answered = ping.is_some_and(|ping| ping.answer.holds(&json));
        if ready.is_some_and(|ready| ready.holds(&json)) {
            self.accepted();
        }
        if answered {
            self.alive.answered();
        }
        answered
    }

    pub(super) fn accepted(&mut self) {
        self.ready = true;
        self.driver.attempts.reset();
        self.driver.context.gauge.enter(State::Ready);
    }

    pub(super) fn tell(&mut self, what: What) {
        self.letter = self.driver.teller.tell(what);
        if self.letter.is_some() {
            self.alive.pause(Instant::now());
        }
    }

    pub(super) fn vault(&self) -> &Vault {
        &self.driver.context.vault
    }
}
