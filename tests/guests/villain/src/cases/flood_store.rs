//! Row 35, door `on_fire`, reached by itself. At the first tick keys that would like to be paths or other people's,
//! values that are too large, and 1,000 changes at once; then 100,000 keys of 200 bytes, in commits of 64.
//!
//! Must happen: it lives. The odd keys are only keys, of this instance alone; what is too large is `invalid`; what is
//! too much is refused and counted (`store_keys`, `store_kib`); the disk holds no more than that, and nothing outside
//! the state directory. The healthy can store meanwhile.
use crate::case::{Case, Needs, TIMER};
use crate::tricks::{Lane, ODD, Tally, all};
use sdk::store::{self, Change};
use sdk::{Disposition, Event};
use std::cell::{Cell, RefCell};

#[derive(Default)]
pub struct Villain {
    begun: Cell<bool>,
}

impl Case for Villain {
    const NEEDS: Needs = TIMER;

    async fn on_fire(&self, _: Event, _: String) -> Disposition {
        if self.begun.replace(true) {
            return Disposition::Done;
        }
        odd_keys().await;
        too_large().await;
        many_at_once().await;
        many_keys().await;
        Disposition::Done
    }
}

async fn odd_keys() {
    let mut tally = Tally::default();
    let paths = [
        "../../other",
        "/etc/passwd",
        "..",
        ".",
        "a/../../b",
        "default/other/default",
        "a\0b",
        "\0",
        "",
        " ",
    ];
    for key in paths.iter().chain(ODD) {
        tally.count(store::set(key, "mine").await);
        let found = store::get(key).await;
        if let Ok(Some(entry)) = &found {
            assert_eq!(entry.value, b"mine", "the store gave another value");
        }
        tally.count(found);
    }
    tally.tell("odd keys");
    // What is listed is one's own: nothing that it did not write.
    let listed = store::list("", None, 1000).await.unwrap_or_default();
    let own = |key: &String| paths.iter().chain(ODD).any(|odd| odd == key) || key.starts_with('k');
    assert!(listed.iter().all(own), "the store lists a key of somebody else");
}

async fn too_large() {
    let mut tally = Tally::default();
    tally.count(store::set(&"k".repeat(513), "x").await);
    tally.count(store::set("k", vec![7; (256 << 10) + 1]).await);
    tally.count(store::set("k", vec![7; 4 << 20]).await);
    tally.count(store::commit((0..65).map(|nth| Change::set(format!("k{nth}"), "x")).collect()).await);
    tally.count(
        store::commit((0..8).map(|nth| Change::set(format!("k{nth}"), vec![7; 200 << 10])).collect()).await,
    );
    tally.tell("what is too large");
}

async fn many_at_once() {
    let tally = RefCell::new(Tally::default());
    let lane = async |number: usize| {
        let answer = store::set(&format!("k at once {number}"), "x").await;
        tally.borrow_mut().count(answer);
    };
    all((0..900).map(|number| Box::pin(lane(number)) as Lane<'_>).collect()).await;
    tally.borrow().tell("900 changes at once");
}

async fn many_keys() {
    let mut tally = Tally::default();
    for first in (0..100_000).step_by(64) {
        let changes =
            (first..first + 64).map(|number| Change::set(format!("k{number}"), vec![7; 200])).collect();
        let answer = store::commit(changes).await;
        let over = matches!(answer, Err(store::Error::Timeout));
        tally.count(answer);
        if over {
            break;
        }
    }
    tally.tell("commits of 64 keys");
}
