//! Row 10, door `on_fire`, reached by itself. A host call that answers at once, in an endless loop.
//!
//! Must happen: a host call is no turn of the event loop, so "kept the CPU longer than its budget without waiting",
//! counter `cpu_ms`, door a timers handler.
use crate::case::{Case, Needs, TIMER};
use sdk::{Disposition, Event, timers};
use std::hint::black_box;

#[derive(Default)]
pub struct Villain;

impl Case for Villain {
    const NEEDS: Needs = TIMER;

    async fn on_fire(&self, _: Event, _: String) -> Disposition {
        loop {
            black_box(timers::now_ms());
        }
    }
}
