//! The socket: wanted, opened, closed, and wanted again.

use crate::ControlCenter;
use crate::memory::Memory;
use openclaw::policy;
use sdk::status::State;
use sdk::websocket::{self, Backoff, CloseReason, Options};
use sdk::{JsonTest, StartError, log, timers};
use std::time::Duration;

pub(crate) const NAME: &str = "gateway";
/// The timer after which the socket is wanted again.
pub(crate) const REDIAL: &str = "redial";

/// What is read takes a multiple of itself in memory, of which an instance has 16 MiB by default. A page of sessions has
/// a quarter of this at most, and no more of an answer than that can be handed on.
const MAX_MESSAGE_BYTES: u32 = 1 << 20;

pub(crate) fn subscribe(url: &str) -> Result<(), StartError> {
    // NB: no status here. A new instance may find its socket open, and nobody would report it connected again.
    Ok(websocket::subscribe(NAME, url, options())?)
}

fn options() -> Options {
    Options {
        // An older gateway's hello has no type: its back-off then starts over only with the instance.
        ready: Some(JsonTest::new("/payload/type", "hello-ok")),
        backoff: Some(Backoff { first: Duration::from_secs(1), most: Duration::from_secs(30) }),
        max_message_bytes: Some(MAX_MESSAGE_BYTES),
        ..Options::default()
    }
}

impl ControlCenter {
    pub(crate) async fn opened(&self) {
        self.memory.with(|memory| {
            memory.ended();
            memory.line.opened(crate::now_ms());
            memory.counts.openings += 1;
        });
        self.arm();
        self.report(State::Connecting, "waiting for the gateway's challenge");
        self.show();
        self.note().await;
    }

    pub(crate) async fn closed(&self, reason: &CloseReason, reconnect_in: Option<Duration>) {
        let (code, said) = words(reason);
        let is_settled = self.memory.with(|memory| {
            memory.ended();
            memory.line.is_settled
        });
        // 1000 and 1001 are how a gateway says goodbye.
        match code {
            Some(1000 | 1001) => log::info!("disconnected: {said}"),
            _ => log::warn!("disconnected: {said}"),
        }
        if reconnect_in.is_none() && !is_settled {
            self.report(State::Failed, &format!("disconnected for good: {said}"));
        } else if !is_settled {
            self.memory.with(|memory| memory.failed(&said));
            match reason {
                CloseReason::Peer(code, text) => self.decide(policy::after(None, *code, text), &said).await,
                _ => self.report(State::Connecting, &said),
            }
        }
        self.show();
        self.note().await;
    }

    /// No socket for so long; then it is wanted again.
    pub(crate) fn pause(&self, time: Duration) {
        self.hang_up();
        let time = time.clamp(Duration::from_millis(10), Duration::from_secs(3600));
        if let Err(error) = timers::once(REDIAL, time) {
            log::warn!("could not set the timer of the next dial: {error}");
            self.redial();
        }
    }

    /// Ends the subscription too: the host does not dial.
    pub(crate) fn hang_up(&self) {
        self.memory.with(|memory| {
            memory.ended();
            memory.line.is_settled = true;
        });
        if let Err(error) = websocket::close(NAME) {
            log::debug!("closing: {error}");
        }
    }

    pub(crate) fn redial(&self) {
        if let Err(error) = websocket::subscribe(NAME, &self.settings.url, options()) {
            self.report(State::Failed, &format!("could not dial: {error}"));
        }
    }

    /// Dials anew at once. What ends now has been dealt with.
    pub(crate) fn reconnect(&self) {
        self.memory.with(|memory| {
            memory.ended();
            memory.line.is_settled = true;
        });
        if let Err(error) = websocket::reconnect(NAME) {
            log::warn!("could not reconnect: {error}");
        }
    }
}

impl Memory {
    fn ended(&mut self) {
        self.line.ended();
        self.refresh.ended();
        self.is_stale = true;
    }
}

fn words(reason: &CloseReason) -> (Option<u16>, String) {
    let said = match reason {
        CloseReason::Peer(Some(code), text) => {
            format!("the gateway closed with {code} {}", crate::field::cut(text, 123))
        }
        CloseReason::Peer(None, _) => "the gateway closed".to_owned(),
        CloseReason::Refused(status) => {
            format!("the gateway, or what stands before it, refused the socket with {status}")
        }
        CloseReason::Unreachable(why) => format!("unreachable: {why}"),
        CloseReason::Silent => "no answer to a ping".to_owned(),
        CloseReason::Slow => "we were too slow".to_owned(),
        CloseReason::TooLarge => format!("a frame of more than {MAX_MESSAGE_BYTES} bytes"),
        CloseReason::Protocol(what) => format!("protocol broken: {what}"),
        CloseReason::Asked => "asked to reconnect".to_owned(),
        CloseReason::Denied(what) => format!("not granted: {what}"),
    };
    let code = if let CloseReason::Peer(code, _) = reason { *code } else { None };
    (code, said.trim_end().to_owned())
}
