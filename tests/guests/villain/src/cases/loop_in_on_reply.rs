//! Row 1, door `on_reply`, reached by itself: dispatches a message at the first tick, which the echo agent answers.
//! Computes for ever.
//!
//! Must happen: the instance ends with "kept the CPU longer than its budget without waiting", door an agent handler,
//! counter `cpu_ms`, within some 300 ms of CPU. The reply is delivered once more (attempt 2), then it is a dead
//! letter; a new instance starts each time. The healthy notice nothing.
use crate::case::{Case, Needs, TIMER};
use crate::tricks::{spin, talk};
use sdk::agent::ReplyEvent;
use sdk::{Disposition, Event};
use std::cell::Cell;

#[derive(Default)]
pub struct Villain {
    asked: Cell<bool>,
}

impl Case for Villain {
    const NEEDS: Needs = TIMER;

    async fn on_fire(&self, _: Event, _: String) -> Disposition {
        if !self.asked.replace(true) {
            talk().await;
        }
        Disposition::Done
    }

    async fn on_reply(&self, _: Event, _: ReplyEvent) -> Disposition {
        spin()
    }
}
