//! Row 30, door `on_reply`, reached by itself: dispatches a message at the first tick, which the echo agent answers.
//! Panics, with a text that names the door.
//!
//! Must happen: the instance ends with "panicked", door an agent handler; the log has "the door on_reply was opened".
//! The reply is delivered once more (attempt 2), then it is a dead letter; a new instance starts each time. The
//! healthy notice nothing.
use crate::case::{Case, Needs, TIMER};
use crate::tricks::talk;
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
        panic!("the door on_reply was opened")
    }
}
