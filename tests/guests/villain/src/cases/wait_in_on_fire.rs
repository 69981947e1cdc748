//! Row 31, door `on_fire`, reached by itself. Sleeps for ever in small sleeps; when they answer `timeout` it only
//! gives turns.
//!
//! Must happen: after `handler_seconds` and a grace of 0.5 s "a handler took longer than its time", door a timers
//! handler, counter `handler_seconds`. Ticks that come meanwhile are dropped and counted. The healthy notice nothing.
use crate::case::{Case, Needs, TIMER};
use crate::tricks::wait_for_ever;
use sdk::{Disposition, Event};

#[derive(Default)]
pub struct Villain;

impl Case for Villain {
    const NEEDS: Needs = TIMER;

    async fn on_fire(&self, _: Event, _: String) -> Disposition {
        wait_for_ever().await
    }
}
