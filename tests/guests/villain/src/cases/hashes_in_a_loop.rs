//! Rows 10 and 11, door `on_fire`, reached by itself. A host call that makes the host compute (a hash over 7 MiB), in
//! an endless loop without a turn.
//!
//! Must happen: "kept the CPU longer than its budget without waiting", counter `cpu_ms`, door a timers handler, after
//! some 200 ms of CPU, the host's included: what the guest makes the host do is its own computing.
use crate::case::{Case, Needs, TIMER};
use sdk::crypto::{self, Digest};
use sdk::{Disposition, Event};
use std::hint::black_box;

#[derive(Default)]
pub struct Villain;

impl Case for Villain {
    const NEEDS: Needs = TIMER;

    async fn on_fire(&self, _: Event, _: String) -> Disposition {
        let bytes = vec![7; 7 << 20];
        sdk::log::info!("begins to hash");
        loop {
            black_box(crypto::hash(Digest::Sha512, &bytes));
        }
    }
}
