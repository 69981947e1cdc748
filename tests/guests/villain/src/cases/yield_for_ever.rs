//! Rows 10 and 44, door `on_fire`, reached by itself. Gives the event loop a turn, for ever: no host call, no sleep,
//! and no turn is longer than microseconds.
//!
//! Must happen: after `handler_seconds` and grace "a handler took longer than its time", counter `handler_seconds`,
//! door a timers handler; until then no more than its share of the CPU (`cpu_percent`). Its own other events, and the
//! healthy, are served meanwhile.
use crate::case::{Case, Needs, TIMER};
use crate::tricks::turn;
use sdk::{Disposition, Event};

#[derive(Default)]
pub struct Villain;

impl Case for Villain {
    const NEEDS: Needs = TIMER;

    async fn on_fire(&self, _: Event, _: String) -> Disposition {
        loop {
            turn().await;
        }
    }
}
