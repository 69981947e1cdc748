//! The one timer behind every deadline: challenge, hello, answers, silence, what is to be asked again.

use crate::ControlCenter;
use crate::ask::Failure;
use crate::line::Overdue;
use crate::now_ms;
use sdk::status::State;
use sdk::{log, timers};
use std::time::Duration;

pub(crate) const TIMER: &str = "watch";

impl ControlCenter {
    /// Sets the timer where something is due before it fires. It is not moved back: what fires too early sets it anew.
    pub(crate) fn arm(&self) {
        let now = now_ms();
        let at = self.memory.with(|memory| {
            let due = memory.line.due(now).into_iter().chain(memory.refresh.due()).min()?;
            if memory.watch_at.is_some_and(|set| set <= due) {
                return None;
            }
            memory.watch_at = Some(due);
            Some(due)
        });
        let Some(at) = at else { return };
        let delay = Duration::from_millis(at.saturating_sub(now).max(10));
        if let Err(error) = timers::once(TIMER, delay) {
            self.memory.with(|memory| memory.watch_at = None);
            log::warn!("could not set the timer of deadlines: {error}");
        }
    }

    pub(crate) async fn watched(&self) {
        let now = now_ms();
        let (expired, overdue) = self.memory.with(|memory| {
            memory.watch_at = None;
            (memory.line.expired(now), memory.line.overdue(now))
        });
        for purpose in expired {
            self.answered(purpose, Err(Failure::TimedOut)).await;
        }
        match overdue {
            None => {}
            Some(Overdue::Resume) => {
                self.memory.with(|memory| memory.line.asked());
                self.refresh().await;
            }
            Some(Overdue::HalfOpen) => self.dial_anew("the last instance ended while it logged in").await,
            Some(Overdue::Challenge) => {
                self.dial_anew("no challenge within 10 s: is this an OpenClaw gateway?").await
            }
            Some(Overdue::Hello) => self.dial_anew("no answer to the login within 10 s").await,
            Some(Overdue::Silent) => self.dial_anew("the gateway was silent for two of its ticks").await,
        }
        self.want_what_is_due().await;
        self.arm();
    }

    async fn dial_anew(&self, why: &str) {
        log::warn!("dialling anew: {why}");
        self.memory.with(|memory| memory.failed(why));
        self.report(State::Connecting, why);
        self.reconnect();
        self.show();
        self.note().await;
    }
}
