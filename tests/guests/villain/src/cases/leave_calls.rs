//! Row 31, door `on_fire`, reached by itself. Answers `done`, and each tick leaves 50 host calls (sleeps of 30 s)
//! behind for which nobody waits and which nobody gives up.
//!
//! Must happen: as `leave_tasks`; without a limit there would be 15,000 at once.
use crate::case::{Case, Needs, TIMER};
use crate::tricks::{begin_and_forget, ms};
use sdk::{Disposition, Event, timers};

#[derive(Default)]
pub struct Villain;

impl Case for Villain {
    const NEEDS: Needs = TIMER;

    async fn on_fire(&self, _: Event, _: String) -> Disposition {
        for _ in 0..50 {
            begin_and_forget(async { drop(timers::sleep(ms(30_000)).await) });
        }
        Disposition::Done
    }
}
