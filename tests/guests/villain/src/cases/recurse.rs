//! Row 5, door `on_fire`, reached by itself. Calls itself without end.
//!
//! Must happen: "ran out of stack", door a timers handler. The host's own stack is not touched.
use crate::case::{Case, Needs, TIMER};
use sdk::{Disposition, Event};
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
    if n == u64::MAX { n } else { black_box(deeper(black_box(n + 1))) + 1 }
}
