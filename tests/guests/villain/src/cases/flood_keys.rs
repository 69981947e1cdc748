//! Row 35, door `on_fire`, reached by itself. At the first tick 10,000 keys for ever and as many for the process,
//! with odd names; then it makes keys and forgets them, as fast as it can: each is a record on disk.
//!
//! Must happen: it lives. 64 keys are made, the others refused and counted (`keys`); names with control characters
//! are `invalid`. What it makes and forgets does not let the key ring on disk grow without end.
use crate::case::{Case, Needs, TIMER};
use crate::tricks::{ODD, Tally, ms, turn};
use sdk::crypto::{self, Class, Kind};
use sdk::{Disposition, Event, timers};
use std::cell::Cell;

#[derive(Default)]
pub struct Villain {
    begun: Cell<bool>,
}

impl Case for Villain {
    const NEEDS: Needs = TIMER;

    async fn on_fire(&self, _: Event, _: String) -> Disposition {
        if !self.begun.replace(true) {
            many().await;
            for number in 0..32 {
                drop(crypto::forget(&format!("key {number}")).await);
            }
            return Disposition::Done;
        }
        let (mut tally, begun) = (Tally::default(), timers::monotonic());
        while timers::monotonic() - begun < ms(5000) {
            tally.count(crypto::ensure("again", Kind::Ed25519, Class::Identity).await);
            tally.count(crypto::forget("again").await);
        }
        tally.tell("keys made and forgotten in 5 s");
        Disposition::Done
    }
}

async fn many() {
    let mut odd = Tally::default();
    for name in ODD.iter().chain(&["", "../../identity.key"]) {
        odd.count(crypto::ensure(name, Kind::HmacSha256, Class::Session).await);
    }
    odd.count(crypto::ensure(&"x".repeat(65), Kind::HmacSha256, Class::Session).await);
    odd.tell("odd names of keys");
    let mut many = Tally::default();
    for number in 0..10_000 {
        many.count(crypto::ensure(&format!("key {number}"), Kind::Ed25519, Class::Identity).await);
        many.count(crypto::ensure(&format!("session {number}"), Kind::HmacSha512, Class::Session).await);
        if number % 100 == 0 {
            turn().await;
        }
    }
    many.tell("20000 keys");
}
