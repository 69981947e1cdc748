//! Row 12, door `on_fire`, reached by itself. Uses the handle of a number that it was never given; each tick another
//! number.
//!
//! Must happen: as `use_after_drop`, at every number.
use crate::case::{Case, Needs, TIMER};
use crate::raw;
use sdk::{Disposition, Event, log, timers};

#[derive(Default)]
pub struct Villain;

impl Case for Villain {
    const NEEDS: Needs = TIMER;

    async fn on_fire(&self, _: Event, _: String) -> Disposition {
        let numbers = [0, 1, 2, 7, 255, 4096, 1 << 28, u32::MAX];
        let number = numbers[timers::now_ms() as usize % numbers.len()];
        let ready = raw::handle(number).ready();
        log::error!("A FOREIGN HANDLE WAS ANSWERED", number = number, ready = ready);
        Disposition::Done
    }
}
