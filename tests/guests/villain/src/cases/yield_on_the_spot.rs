//! Rows 10 and 31, door `on_fire`, reached by itself. The canonical `thread.yield` in an endless loop, on the spot:
//! the handler never comes back to its own event loop, but the host's gets a turn each time.
//!
//! Must happen: as `yield_for_ever`.
use crate::case::{Case, Needs, TIMER};
use crate::raw::yield_blocking;
use sdk::{Disposition, Event};

#[derive(Default)]
pub struct Villain;

impl Case for Villain {
    const NEEDS: Needs = TIMER;

    async fn on_fire(&self, _: Event, _: String) -> Disposition {
        loop {
            yield_blocking();
        }
    }
}
