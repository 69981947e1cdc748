//! Row 29, door `on_fire`, reached by itself. At the first tick `once` with 100,000 names (of 10 ms to 24 h),
//! intervals and delays of 0, names of no bytes and of too many; then every timer that fires is set again, to fire as
//! soon as it may.
//!
//! Must happen: it lives. 63 are accepted beside the tick, the others are refused and counted (`timers`); 0 is
//! `out-of-range`. It gets at most its 64 timers every 10 ms, and takes no more than its share of the CPU for them
//! (`cpu_percent`).
use crate::case::{Case, Needs, TIMER};
use crate::tricks::{Tally, ms, turn};
use sdk::{Disposition, Event, timers};
use std::cell::Cell;

#[derive(Default)]
pub struct Villain {
    begun: Cell<bool>,
}

impl Case for Villain {
    const NEEDS: Needs = TIMER;

    async fn on_fire(&self, _: Event, name: String) -> Disposition {
        if name != "tick" {
            drop(timers::once(&name, ms(10)));
            return Disposition::Done;
        }
        if self.begun.replace(true) {
            return Disposition::Done;
        }
        let mut none = Tally::default();
        none.count(timers::subscribe("every 0", ms(0)));
        none.count(timers::once("once 0", ms(0)));
        none.count(timers::once("", ms(10)));
        none.count(timers::once(&"x".repeat(100_000), ms(10)));
        none.tell("what is out of range");
        let mut many = Tally::default();
        for number in 0..100_000u64 {
            many.count(timers::once(&format!("t{number}"), ms(10 + number * 864)));
            if number % 1000 == 0 {
                turn().await;
            }
        }
        many.tell("100000 timers");
        Disposition::Done
    }
}
