//! Row 13, doors `on_fire` and, with a far end, `on_message`. Wants every event again, at once, for ever.
//!
//! Must happen: it lives. The delay grows to a second, so that it takes no CPU; the mailbox fills, the runtime stops
//! reading (`mailbox_events`) and closes the socket as `slow` after 5 s; each event is rejected after `retry_hours`.
//! `retried` grows in the status.
use crate::case::{Case, Setting};
use crate::tricks::{ms, quick};
use sdk::{Disposition, Event, StartError, timers, websocket};
use std::time::Duration;

#[derive(Default)]
pub struct Villain;

const AGAIN: Disposition = Disposition::Retry(Duration::ZERO);

impl Case for Villain {
    async fn start(&self, setting: &Setting) -> Result<(), StartError> {
        timers::subscribe("tick", ms(100))?;
        if let Ok(url) = setting.url() {
            websocket::subscribe("line", url, quick())?;
        }
        Ok(())
    }

    async fn on_fire(&self, _: Event, _: String) -> Disposition {
        AGAIN
    }

    async fn on_message(&self, _: Event, _: String) -> Disposition {
        AGAIN
    }
}
