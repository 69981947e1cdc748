use super::*;
use crate::retention::Upkeep;
use std::time::Instant;

/// One round of the upkeep, as it is done while nothing is queued.
async fn tidy(house: &House, journal: &Sqlite) {
    let now_ms = house.now_ms.load(SeqCst);
    let round = move |db: &Connection| {
        let mut upkeep = Upkeep::new();
        while upkeep.due() <= Instant::now() {
            upkeep.step(db, now_ms);
        }
        Ok(())
    };
    // What is queued first, so that the round is not inside its transaction.
    journal.with(|_| Ok(())).await;
    journal.with(round).await;
}

#[tokio::test]
async fn keys_of_closed_messages_go_after_seven_days() {
    let house = House::new();
    let journal = house.open();
    for number in 0..600 {
        let name = format!("t{number}");
        drop(journal.append(Batch::of(vec![accepted(&name, &name), closed(&name)])));
    }
    journal.write([accepted("open", "open")]).await;
    house.days_pass(7);
    tidy(&house, &journal).await;
    assert_eq!(journal.number("SELECT count(*) FROM messages").await, 601);
    house.now_ms.fetch_add(1, SeqCst);
    tidy(&house, &journal).await;
    assert_eq!(journal.number("SELECT count(*) FROM messages").await, 1);
    assert_eq!(tickets(&journal.open(&instance("a")).await.unwrap()), ["open"]);
}

#[tokio::test]
async fn the_upkeep_comes_by_itself_at_the_start() {
    let house = House::new();
    house.open().write([accepted("t1", "k"), closed("t1")]).await;
    house.days_pass(8);
    let journal = house.open();
    while journal.number("SELECT count(*) FROM messages").await > 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_conversation_keeps_its_newest_turns_of_a_month() {
    let house = House::new();
    let journal = house.open();
    for number in 0..1000 {
        drop(journal.append(Batch::of(vec![Record::Turn(turn("long", &number.to_string(), START_MS))])));
    }
    let month_ms = 30 * DAY_MS;
    journal
        .write([Record::Turn(turn("old", "old", START_MS)), Record::Turn(turn("both", "old", START_MS))])
        .await;
    journal.write([Record::Turn(turn("both", "new", START_MS + month_ms))]).await;
    tidy(&house, &journal).await;
    let long = journal.turns(&instance("a"), "long", 9999).await.unwrap();
    assert_eq!((long.len(), long[0].text.as_str(), long[199].text.as_str()), (200, "800", "999"));
    house.now_ms.fetch_add(month_ms + 1, SeqCst);
    tidy(&house, &journal).await;
    assert_eq!(journal.turns(&instance("a"), "long", 9999).await.unwrap(), []);
    let both = journal.turns(&instance("a"), "both", 9).await.unwrap();
    assert_eq!(both, [turn("both", "new", START_MS + month_ms)]);
    assert_eq!(journal.number("SELECT count(*) FROM conversations").await, 1);
    assert_eq!(journal.number("SELECT turns FROM conversations").await, 1);
}

#[tokio::test]
async fn an_instance_keeps_its_newest_dead_letters_of_a_quarter() {
    let house = House::new();
    let journal = house.open();
    journal.write([Record::Dead(dead("b", "of another"))]).await;
    journal.write(vec![Record::Dead(dead("a", "of a")); 10_700]).await;
    tidy(&house, &journal).await;
    let left = journal.dead(Some(&instance("a")), 99_999).await.unwrap();
    // Looked at with number 10,700, which leaves 10,000, and not with the one after it.
    assert_eq!((left.len(), left[0].id, left[10_000].id), (10_001, 701, 10_701));
    assert_eq!(journal.dead(Some(&instance("b")), 9).await.unwrap().len(), 1);
    house.days_pass(91);
    tidy(&house, &journal).await;
    assert_eq!(journal.dead(None, 9).await.unwrap(), []);
}

#[tokio::test]
async fn dead_letters_are_bounded_by_their_bytes_too() {
    let house = House::new();
    let journal = house.open();
    let large = DeadLetter { body: vec![7; 1 << 20], ..dead("a", "large") };
    for _ in 0..4 {
        journal.write(vec![Record::Dead(large.clone()); 50]).await;
    }
    assert_eq!(journal.dead(Some(&instance("a")), 999).await.unwrap().len(), 64);
}

#[tokio::test]
async fn room_that_was_freed_goes_back_to_the_disk() {
    let house = House::new();
    let journal = house.open();
    for number in 0..100 {
        let name = format!("t{number}");
        let large = Message { body: vec![7; 200_000], ..message(&name, &name) };
        drop(journal.append(Batch::of(vec![Record::Accepted(large)])));
    }
    let before = journal.number("PRAGMA page_count").await;
    for number in 0..100 {
        drop(journal.append(Batch::of(vec![closed(&format!("t{number}"))])));
    }
    tidy(&house, &journal).await;
    assert!(journal.number("PRAGMA freelist_count").await <= 1024);
    let after = journal.number("PRAGMA page_count").await;
    assert!(before > 4800 && after < 1200, "{before} pages, then {after}");
    assert!(journal.is_whole().await);
}
