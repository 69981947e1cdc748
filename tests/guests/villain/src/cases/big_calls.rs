//! Row 11, door `on_fire`, reached by itself. Calls that each stay just below the limit of one call, for ever, with a
//! turn of the event loop after each: a line with 7 MiB of fields, a status of 7 MiB, a hash over 7 MiB. The copying
//! and the work is the host's, and is not seen as the guest's own computing.
//!
//! Must happen: it lives, but what it makes the host do is its own share of the CPU (`cpu_percent`); one such call
//! holds a worker for milliseconds, not for a slice of its neighbours. Memory of the host stays flat.
use crate::case::{Case, Needs, TIMER};
use crate::raw::log_same_field;
use crate::tricks::{ms, turn};
use sdk::crypto::{self, Digest};
use sdk::{Disposition, Event, log, status, timers};

#[derive(Default)]
pub struct Villain;

const MOST: usize = 7 << 20;

impl Case for Villain {
    const NEEDS: Needs = TIMER;

    async fn on_fire(&self, event: Event, _: String) -> Disposition {
        let (text, kilo) = ("x".repeat(MOST), "x".repeat(1024));
        let begun = timers::monotonic();
        let timed = async |what: &str, call: &dyn Fn()| {
            let from = timers::monotonic();
            call();
            let took = timers::monotonic() - from;
            if event.sequence < 3 {
                log::info!("one call took", what = what, ms = took.as_millis());
            }
            turn().await;
        };
        while timers::monotonic() - begun < ms(5000) {
            timed("log", &|| log_same_field(MOST / 1100, &kilo)).await;
            timed("status", &|| status::report(status::State::Degraded, Some(&text))).await;
            timed("hash", &|| drop(crypto::hash(Digest::Sha512, text.as_bytes()))).await;
            timed("random", &|| drop(crypto::random(65_536))).await;
        }
        Disposition::Done
    }
}
