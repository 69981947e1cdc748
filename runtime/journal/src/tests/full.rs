use super::*;
use ports::journal::Error;
use ports::store::{self, Change, Quota, Store as _};
use std::time::Duration;

/// From now on the file can't grow, as on a full disk.
async fn fill(journal: &Sqlite) {
    let pages = journal.number("PRAGMA page_count").await;
    limit(journal, pages).await;
}

async fn limit(journal: &Sqlite, pages: i64) {
    let sql = format!("PRAGMA max_page_count = {pages}");
    journal.with(move |db| db.query_row(&sql, [], |row| row.get::<_, i64>(0))).await;
}

fn large(ticket: &str) -> Record {
    Record::Accepted(Message { body: vec![7; 100_000], ..message(ticket, ticket) })
}

fn small(ticket: &str) -> Record {
    accepted(ticket, ticket)
}

#[tokio::test]
async fn what_does_not_fit_is_refused_and_fails_nobody_else() {
    let house = House::new();
    let journal = house.open();
    journal.write([small("t0")]).await;
    fill(&journal).await;
    // One group.
    let before = journal.append(Batch::of(vec![small("t1")]));
    let too_large = journal.append(Batch::of(vec![small("t2"), large("t3")]));
    let after = journal.append(Batch::of(vec![small("t4")]));
    let commit = journal.commit(
        &instance("a"),
        vec![Change::Set { key: "k".into(), value: vec![7; 100_000] }],
        Quota { keys: 9, bytes: 1 << 20 },
    );
    assert_eq!(before.await, Ok(Outcome::Written));
    assert_eq!(too_large.await, Err(Error::Full));
    assert_eq!(after.await, Ok(Outcome::Written));
    assert_eq!(commit.await, Err(store::Error::Full));
    drop(journal);
    let journal = house.open();
    assert!(journal.is_whole().await);
    assert_eq!(tickets(&journal.open(&instance("a")).await.unwrap()), ["t0", "t1", "t4"]);
    assert_eq!(journal.usage(&instance("a")).await.unwrap(), store::Usage::default());
}

#[tokio::test]
async fn what_must_be_written_waits_for_room_and_nothing_overtakes_it() {
    let house = House::new();
    let journal = house.open();
    journal.write([small("t0")]).await;
    fill(&journal).await;
    let first = journal.append(Batch::must(vec![large("t1")]));
    let may_fail = journal.append(Batch::of(vec![small("t2")]));
    let second = journal.append(Batch::must(vec![small("t3")]));
    assert_eq!(may_fail.await, Err(Error::Full));
    assert_eq!(journal.open(&instance("a")).await, Err(Error::Full), "a read would not see t1");
    assert_eq!(journal.get(&instance("a"), "k").await, Ok(None), "nothing of the store waits");
    assert_eq!(journal.counts().stuck, 2);
    limit(&journal, 1_000_000).await;
    assert_eq!(first.await, Ok(Outcome::Written));
    assert_eq!(second.await, Ok(Outcome::Written));
    assert_eq!(tickets(&journal.open(&instance("a")).await.unwrap()), ["t0", "t1", "t3"]);
    assert_eq!(journal.counts().stuck, 0);
    assert_eq!(journal.write([small("t4")]).await, Outcome::Written);
    assert!(journal.is_whole().await);
}

#[tokio::test]
async fn what_still_waits_for_room_at_the_end_is_told_so() {
    let house = House::new();
    let journal = house.open();
    journal.write([small("t0")]).await;
    fill(&journal).await;
    let given_up = journal.append(Batch::must(vec![large("t1")]));
    drop(journal);
    assert_eq!(given_up.await, Err(Error::Closed));
    let journal = house.open();
    assert_eq!(tickets(&journal.open(&instance("a")).await.unwrap()), ["t0"]);
}

#[tokio::test]
async fn while_another_process_holds_the_file_only_what_must_be_waits() {
    let house = House::new();
    let journal = house.open();
    journal.write([small("t0")]).await;
    journal.with(|db| db.busy_timeout(Duration::from_millis(1))).await;
    let other = Connection::open(house.file()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    // One group.
    let may_fail = journal.append(Batch::of(vec![small("t1")]));
    let first = journal.append(Batch::must(vec![small("t2")]));
    let second = journal.append(Batch::must(vec![small("t3")]));
    let seen = journal.open(&instance("a"));
    assert!(matches!(may_fail.await, Err(Error::Unavailable(text)) if text.contains("locked")));
    assert!(matches!(seen.await, Err(Error::Unavailable(_))));
    assert_eq!(journal.get(&instance("a"), "k").await, Ok(None));
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(first.await, Ok(Outcome::Written));
    assert_eq!(second.await, Ok(Outcome::Written));
    assert_eq!(tickets(&journal.open(&instance("a")).await.unwrap()), ["t0", "t2", "t3"]);
}
