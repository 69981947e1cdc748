//! Row 30, door `on_fire`, reached by itself, 100 ms after the start.
//! Panics, with a text that names the door.
//!
//! Must happen: the instance ends with "panicked", door a timers handler; the log has "the door on_fire was opened".
//! The tick is delivered once more (attempt 2), then it is poison; a new instance starts each time, with back-off.
//! The healthy notice nothing.
use crate::case::{Case, Needs, TIMER};
use sdk::{Disposition, Event};

#[derive(Default)]
pub struct Villain;

impl Case for Villain {
    const NEEDS: Needs = TIMER;

    async fn on_fire(&self, _: Event, _: String) -> Disposition {
        panic!("the door on_fire was opened")
    }
}
