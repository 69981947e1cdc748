use super::*;
use crate::desk::Desk;
use crate::line::{Job, Line, MOST_WAITING};
use futures::FutureExt;
use futures::future::join_all;
use std::sync::mpsc;
use std::time::Duration;

/// Holds up the instance's line until the sender is used or dropped.
fn held_up(ring: &Ring, owner: &InstanceId) -> mpsc::Sender<()> {
    let (release, released) = mpsc::channel();
    let (busy, is_busy) = mpsc::channel();
    let job: Job = Box::new(move |_: &mut Desk| {
        busy.send(()).unwrap();
        let _ = released.recv_timeout(Duration::from_secs(60));
        Box::new(|| ())
    });
    ring.line(owner).queue(job).unwrap();
    is_busy.recv().unwrap();
    release
}

#[tokio::test(flavor = "multi_thread")]
async fn ensured_at_once_it_is_one_key() {
    for class in [Class::Identity, Class::Session] {
        let house = House::new();
        let ring = house.open();
        let ensure = |_| {
            let ring = ring.clone();
            tokio::spawn(async move { ring.ensure(&bot(), "k", Kind::Ed25519, class, 1).await.unwrap() })
        };
        let keys: Vec<Key> = join_all((0..50).map(ensure)).await.into_iter().map(Result::unwrap).collect();
        assert!(keys.iter().all(|key| *key == keys[0]));
        assert_eq!(house.files().len(), usize::from(class == Class::Identity));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bound_holds_for_calls_at_once() {
    let house = House::new();
    let ring = house.open();
    let names: Vec<String> = (0..20).map(|nth| format!("k{nth}")).collect();
    let ensure = |name: &String| ring.ensure(&bot(), name, Kind::Ed25519, Class::Identity, 5);
    let made = join_all(names.iter().map(ensure)).await;
    assert_eq!(made.iter().filter(|answer| answer.is_ok()).count(), 5);
    assert_eq!(house.files().len(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_take_effect_in_their_order_whoever_polls_them_first() {
    let house = House::new();
    let ring = house.open();
    let release = held_up(&ring, &bot());
    let mut answers = Vec::new();
    for nth in 0..50 {
        answers.push(ring.keep(&bot(), "token", secret(&format!("value {nth}"))));
    }
    let arrived = ring.arrived(&bot());
    let last = ring.keep(&bot(), "token", secret("last"));
    let ensured = ring.ensure(&bot(), "k", Kind::Ed25519, Class::Session, MOST);
    let signed = ring.sign(&bot(), "k", Zeroizing::default());
    let forgotten = ring.forget(&bot(), "k");
    let gone = ring.sign(&bot(), "k", Zeroizing::default());
    assert!(arrived.now_or_never().is_none(), "it waits, and whoever waited is gone");
    let arrived = ring.arrived(&bot());
    drop(release);
    // Backwards.
    assert_eq!(arrived.await.unwrap()["token"].expose(), "last");
    assert_eq!(gone.await, Err(KeyError::Unknown("k".into())));
    assert_eq!(forgotten.await, Ok(true));
    assert!(signed.await.is_ok() && ensured.await.is_ok());
    last.await.unwrap();
    for answer in answers.into_iter().rev() {
        answer.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_between_two_writes_sees_the_first() {
    let house = House::new();
    let ring = house.open();
    for nth in 0..50 {
        let keep = |text: String| ring.keep(&bot(), "token", secret(&text));
        let (_one, seen, two) =
            (keep(format!("{nth} one")), ring.arrived(&bot()), keep(format!("{nth} two")));
        assert_eq!(seen.await.unwrap()["token"].expose(), format!("{nth} one"));
        two.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_waits_for_is_done_as_a_whole() {
    let house = House::new();
    let ring = house.open();
    drop(ring.keep(&bot(), "token", secret("value")));
    drop(ring.ensure(&bot(), "k", Kind::Ed25519, Class::Identity, MOST));
    assert_eq!(ring.names(&bot()).await, ["k"]);
    assert_eq!(ring.secret(&bot(), "token").await.as_deref(), Some("value"));
    assert_eq!(house.open().survey().records, 2);
}

#[tokio::test]
async fn signing_waits_for_no_other_instance() {
    let house = House::new();
    let ring = house.open();
    let other = id("default/occum/other");
    ring.identity(&bot(), "k").await.unwrap();
    let release = held_up(&ring, &other);
    let waiting = ring.keep(&other, "token", secret("value"));
    let signed = ring.sign(&bot(), "k", Zeroizing::default());
    assert!(
        signed.now_or_never().is_some_and(|signed| signed.is_ok()),
        "within the poll: no disk, no thread"
    );
    ring.identity(&bot(), "another").await.expect("nor does making a key");
    drop(release);
    waiting.await.unwrap();
}

#[tokio::test]
async fn a_line_that_is_too_long_is_an_answer() {
    let house = House::new();
    let ring = house.open();
    let release = held_up(&ring, &bot());
    let waiting: Vec<_> = (0..MOST_WAITING).map(|_| ring.keys(&bot())).collect();
    let full = ring.keep(&bot(), "token", secret("value")).now_or_never().expect("at once");
    assert!(unavailable(full).contains("256"));
    drop(release);
    assert!(join_all(waiting).await.iter().all(Result::is_ok));
    ring.keep(&bot(), "token", secret("value")).await.unwrap();
}

#[tokio::test]
async fn a_bug_of_ours_fails_who_waits_and_loses_no_key() {
    let house = House::new();
    let ring = house.open();
    ring.session(&bot(), "k").await.unwrap();
    let release = held_up(&ring, &bot());
    let line: Arc<Line> = ring.line(&bot());
    line.queue(Box::new(|_: &mut Desk| panic!("on purpose"))).unwrap();
    let behind = ring.keys(&bot());
    drop(release);
    unavailable(behind.await);
    assert_eq!(ring.names(&bot()).await, ["k"]);
}

#[test]
fn a_runtime_that_stops_or_is_none_leaves_nobody_waiting() {
    let house = House::new();
    let ring = house.open();
    // Outside of a runtime the call does the work itself.
    ring.identity(&bot(), "k").now_or_never().unwrap().unwrap();
    let stopped = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let handle = stopped.handle().clone();
    stopped.shutdown_background();
    let never = {
        let _inside = handle.enter();
        ring.keep(&bot(), "token", secret("value"))
    };
    let text = unavailable(never.now_or_never().expect("nobody will come to it"));
    assert!(text.contains("stopping"), "{text}");
    assert_eq!(ring.names(&bot()).now_or_never(), Some(vec!["k".to_owned()]));
}
