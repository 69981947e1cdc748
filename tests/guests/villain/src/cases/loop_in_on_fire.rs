//! Row 1, door `on_fire`, reached by itself, 100 ms after the start.
//! Computes for ever.
//!
//! Must happen: the instance ends with "kept the CPU longer than its budget without waiting", door a timers handler,
//! counter `cpu_ms`, within some 300 ms of CPU. The tick is delivered once more (attempt 2), then it is poison; a new
//! instance starts each time, with back-off. The healthy notice nothing.
use crate::case::{Case, Needs, TIMER};
use crate::tricks::spin;
use sdk::{Disposition, Event};

#[derive(Default)]
pub struct Villain;

impl Case for Villain {
    const NEEDS: Needs = TIMER;

    async fn on_fire(&self, _: Event, _: String) -> Disposition {
        // For those who measure how long it lives from here.
        sdk::log::info!("begins to loop");
        spin()
    }
}
