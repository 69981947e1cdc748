//! Row 3, door `on_fire`, reached by itself. Takes memory without end.
//!
//! Must happen: "wanted more memory than its limit", counter `memory_mib`, door a timers handler; the process holds
//! no more than `memory_mib` for it, and gives that back.
use crate::case::{Case, Needs, TIMER};
use sdk::{Disposition, Event};
use std::hint::black_box;

#[derive(Default)]
pub struct Villain;

impl Case for Villain {
    const NEEDS: Needs = TIMER;

    async fn on_fire(&self, _: Event, _: String) -> Disposition {
        let mut kept = Vec::new();
        loop {
            kept.push(black_box(vec![1u8; 1 << 20]));
        }
    }
}
