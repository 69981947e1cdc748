//! Row 5, door `on_fire`, reached by itself. Calls itself without end, with a host call in each level: the deepest is
//! made with almost no stack left.
//!
//! Must happen: "ran out of stack", door a timers handler. No overflow on the host's side, whichever host call is the
//! last.
use crate::case::{Case, Needs, TIMER};
use sdk::{Disposition, Event, log, timers};
use std::hint::black_box;

#[derive(Default)]
pub struct Villain;

impl Case for Villain {
    const NEEDS: Needs = TIMER;

    async fn on_fire(&self, _: Event, _: String) -> Disposition {
        black_box(deeper(0));
        Disposition::Done
    }
}

fn deeper(n: u64) -> u64 {
    black_box(timers::now_ms());
    log::write(log::Level::Trace, "deeper", &[]);
    if n == u64::MAX { n } else { black_box(deeper(black_box(n + 1))) + 1 }
}
