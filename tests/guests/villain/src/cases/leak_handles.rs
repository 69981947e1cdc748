//! Row 12, door `on_fire`, reached by itself. Takes pollables of WASI (the only handles that there are) and drops
//! none.
//!
//! Must happen: "held more handles than its limit", counter `handles`, door a timers handler, after 256. After the
//! instance's end none is left.
use crate::case::{Case, Needs, TIMER};
use crate::raw::pollable;
use sdk::{Disposition, Event};

#[derive(Default)]
pub struct Villain;

impl Case for Villain {
    const NEEDS: Needs = TIMER;

    async fn on_fire(&self, _: Event, _: String) -> Disposition {
        loop {
            std::mem::forget(pollable());
        }
    }
}
