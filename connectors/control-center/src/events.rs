//! What comes in.

use crate::ask::Failure;
use crate::line::Phase;
use crate::refresh::Part;
use crate::{ControlCenter, field, now_ms};
use openclaw::frame::Event;
use openclaw::link::{Gap, Incoming};
use sdk::log;
use sdk::websocket::Frame;

/// Names of unused events that are remembered as said.
const UNUSED: usize = 64;

impl ControlCenter {
    pub(crate) async fn heard(&self, frame: Frame) {
        let text = match frame {
            Frame::Text(text) => text,
            Frame::Binary(bytes) => String::from_utf8(bytes).unwrap_or_default(),
        };
        let incoming = self.memory.with(|memory| memory.line.receive(&text, now_ms()));
        match incoming {
            Ok(Incoming::Challenge(challenge)) => self.challenged(challenge).await,
            Ok(Incoming::Hello(hello)) => self.greeted(*hello).await,
            Ok(Incoming::Refused(problem)) => self.refused(problem).await,
            Ok(Incoming::Response { id, result, .. }) => {
                self.resume().await;
                let purpose = self.memory.with(|memory| memory.line.take(id));
                if let Some(purpose) = purpose {
                    self.answered(purpose, result.map_err(Failure::Refused)).await;
                }
            }
            Ok(Incoming::Event { event, gap }) => self.happened(&event, gap).await,
            Ok(Incoming::Unexpected(what)) => log::warn!("not expected: {what}"),
            Err(bad) => {
                self.memory.with(|memory| memory.counts.bad_frames += 1);
                log::warn!("unreadable frame: {bad}", bytes = text.len());
            }
        }
        self.arm();
    }

    /// Frames of a gateway that an earlier instance was let in by. Whether it was so.
    async fn resume(&self) -> bool {
        let resumes = self.memory.with(|memory| match memory.line.phase() {
            Phase::Resuming { asked, .. } => {
                memory.line.resumed();
                Some(asked)
            }
            _ => None,
        });
        if resumes == Some(false) {
            self.refresh().await;
        }
        resumes.is_some()
    }

    async fn happened(&self, event: &Event, gap: Option<Gap>) {
        self.memory.with(|memory| memory.counts.events += 1);
        let is_resumed = self.resume().await;
        if !self.memory.with(|memory| memory.line.is_up()) {
            return log::debug!("an event before the hello", event = field::cut(&event.name, 64));
        }
        self.take(event);
        // NB: the first event that a new instance sees follows others: it refreshes for that already.
        if let Some(gap) = gap.filter(|_| !is_resumed) {
            let lost = gap.got.saturating_sub(gap.expected);
            log::warn!("events were lost", expected = gap.expected, got = gap.got);
            self.memory.with(|memory| {
                memory.counts.gaps += 1;
                memory.counts.lost = memory.counts.lost.saturating_add(lost);
            });
            self.refresh().await;
        }
        self.show();
    }

    fn take(&self, event: &Event) {
        let payload = &event.payload;
        match event.name.as_str() {
            "tick" | "heartbeat" => {}
            "presence" => {
                if let Some(rows) = field::list(payload, "presence").or_else(|| payload.as_array()) {
                    self.memory.with(|memory| memory.picture.set_presence(rows));
                }
            }
            "health" => {
                if self.memory.with(|memory| memory.picture.set_health(payload)) {
                    self.want_soon(Part::Agents);
                }
            }
            "sessions.changed" => {
                if self.memory.with(|memory| memory.session_changed(payload)) {
                    self.want_soon(Part::Sessions);
                }
            }
            "shutdown" => {
                let reason = field::text(payload, "reason", 120).unwrap_or_default();
                log::info!("the gateway goes: {reason}");
            }
            name if name.starts_with("session.") => {
                if let Some(row) = payload.get("session") {
                    self.memory.with(|memory| memory.session_row(row));
                }
            }
            name => self.unused(name),
        }
    }

    fn unused(&self, name: &str) {
        let name = field::cut(name, 64);
        let is_news = self.memory.with(|memory| {
            memory.counts.ignored += 1;
            memory.unused.len() < UNUSED && memory.unused.insert(name.clone())
        });
        if is_news {
            log::debug!("events of this name are not used", event = name);
        }
    }
}
