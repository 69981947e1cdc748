//! Row 31, door `on_fire`, reached by itself. Raises the canonical backpressure and answers `done`: from now on no
//! call is let into the guest, by its own wish.
//!
//! Must happen: the next event that does not get in is out of time after `handler_seconds` and grace: "a handler took
//! longer than its time" or a cause of its own, counter `handler_seconds`; a new instance takes it. Never: `running`
//! for ever, with nothing in flight, deaf to ticks, frames and calls.
use crate::case::{Case, Needs, TIMER};
use crate::raw::backpressure_inc;
use sdk::{Disposition, Event};

#[derive(Default)]
pub struct Villain;

impl Case for Villain {
    const NEEDS: Needs = TIMER;

    async fn on_fire(&self, _: Event, _: String) -> Disposition {
        backpressure_inc();
        Disposition::Done
    }
}
