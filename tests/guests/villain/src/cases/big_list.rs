//! Row 11, door `on_fire`, reached by itself. One log line with 100,000 fields, all of which are the same kilobyte of
//! the guest's memory: 1.6 MiB there, 100 MiB on the host.
//!
//! Must happen: "passed more bytes in one host call than its limit", counter `host_call_kib`, door a timers handler,
//! before the host has copied more than 8 MiB.
use crate::case::{Case, Needs, TIMER};
use crate::raw::log_same_field;
use sdk::{Disposition, Event};

#[derive(Default)]
pub struct Villain;

impl Case for Villain {
    const NEEDS: Needs = TIMER;

    async fn on_fire(&self, _: Event, _: String) -> Disposition {
        log_same_field(100_000, &"x".repeat(1024));
        Disposition::Done
    }
}
