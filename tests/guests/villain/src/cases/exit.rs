//! Row 30, door `on_fire`, reached by itself. Ends the process, or would.
//!
//! Must happen: "called exit with status 1" (WASI 0.2 tells only whether it was 0), door a timers handler. Only the
//! instance ends.
use crate::case::{Case, Needs, TIMER};
use sdk::{Disposition, Event};

#[derive(Default)]
pub struct Villain;

impl Case for Villain {
    const NEEDS: Needs = TIMER;

    async fn on_fire(&self, _: Event, _: String) -> Disposition {
        std::process::exit(3)
    }
}
