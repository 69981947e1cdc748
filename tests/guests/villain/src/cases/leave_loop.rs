//! Rows 1 and 31, door `on_fire`, reached by itself. Answers `done` and computes for ever 50 ms later, in what it
//! left behind.
//!
//! Must happen: "kept the CPU longer than its budget without waiting", counter `cpu_ms`, door "start, or a task that
//! outlived its handler". No event is to blame.
use crate::afterwards::leave;
use crate::case::{Case, Needs, TIMER};
use crate::tricks::{ms, spin};
use sdk::{Disposition, Event, timers};

#[derive(Default)]
pub struct Villain;

impl Case for Villain {
    const NEEDS: Needs = TIMER;

    async fn on_fire(&self, _: Event, _: String) -> Disposition {
        leave(async {
            drop(timers::sleep(ms(50)).await);
            spin()
        });
        Disposition::Done
    }
}
