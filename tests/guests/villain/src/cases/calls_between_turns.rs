//! Rows 10 and 44, door `on_fire`, reached by itself. Computes 9 ms, sleeps 1 ms, until it is out of time; then the
//! next tick does the same. Never breaks the budget of a turn.
//!
//! Must happen: it lives, but gets no more than its share of the CPU over time: counter `cpu_percent` grows. The p99
//! of the healthy stays in its bound.
use crate::case::{Case, Needs, TIMER};
use crate::tricks::{compute, ms};
use sdk::{Disposition, Event, timers};

#[derive(Default)]
pub struct Villain;

impl Case for Villain {
    const NEEDS: Needs = TIMER;

    async fn on_fire(&self, _: Event, _: String) -> Disposition {
        loop {
            compute(ms(9));
            if timers::sleep(ms(1)).await.is_err() {
                return Disposition::Done;
            }
        }
    }
}
