//! Row 10, door `on_fire`, reached by itself. Begins 100,000 host calls (sleeps of 30 s) and waits for none of them.
//!
//! Must happen: "held more handles than its limit", counter `handles` or `host_calls`, door a timers handler, when
//! the host holds some hundreds (each is a handle of the guest).
use crate::case::{Case, Needs, TIMER};
use crate::tricks::{Lane, all, ms};
use sdk::{Disposition, Event, timers};

#[derive(Default)]
pub struct Villain;

impl Case for Villain {
    const NEEDS: Needs = TIMER;

    async fn on_fire(&self, _: Event, _: String) -> Disposition {
        let call = || Box::pin(async { drop(timers::sleep(ms(30_000)).await) }) as Lane<'_>;
        all((0..100_000).map(|_| call()).collect()).await;
        Disposition::Done
    }
}
