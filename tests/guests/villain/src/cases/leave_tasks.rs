//! Row 31, door `on_fire`, reached by itself. Answers `done`, and each tick leaves 50 tasks behind that go on by
//! themselves: each sleeps, computes, logs at `trace`, for ever.
//!
//! Must happen: they cannot add up without end. Each waits for a host call, which is a handle: the sixth tick at the
//! latest ends with "held more handles than its limit", counter `handles`, door a timers handler (the one that began
//! the call too many). What was left ends with the instance. The healthy notice nothing.
use crate::afterwards::leave;
use crate::case::{Case, Needs, TIMER};
use crate::tricks::ms;
use sdk::{Disposition, Event, timers};

#[derive(Default)]
pub struct Villain;

impl Case for Villain {
    const NEEDS: Needs = TIMER;

    async fn on_fire(&self, _: Event, _: String) -> Disposition {
        (0..50).for_each(|_| leave(linger()));
        Disposition::Done
    }
}

async fn linger() {
    while timers::sleep(ms(500)).await.is_ok() {
        sdk::log::trace!("still here");
    }
}
