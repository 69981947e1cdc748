use super::*;
use futures::future::join_all;

#[tokio::test]
async fn what_waits_at_the_same_time_shares_a_commit() {
    let house = House::new();
    let journal = house.open();
    let names: Vec<_> = (0..1000).map(|number| format!("t{number}")).collect();
    let appended =
        names.iter().map(|name| journal.append(Batch::of(vec![accepted(name, name), closed(name)])));
    let appended: Vec<_> = appended.collect();
    assert!(join_all(appended).await.into_iter().all(|outcome| outcome == Ok(Outcome::Written)));
    let counts = journal.counts();
    assert_eq!((counts.batches, counts.records, counts.failures), (1000, 2000, 0));
    assert!(counts.commits <= 100, "{counts:?}");
    assert!((10..=512).contains(&counts.largest_group), "{counts:?}");
}

#[tokio::test]
async fn the_second_of_two_with_one_key_in_a_group_is_known() {
    let house = House::new();
    let journal = house.open();
    let appended: Vec<_> = (0..20)
        .map(|number| {
            let ticket = format!("t{number}");
            journal.append(Batch::of(vec![accepted(&ticket, "k")]))
        })
        .collect();
    let outcomes = join_all(appended).await;
    assert_eq!(outcomes[0], Ok(Outcome::Written));
    assert!(outcomes[1..].iter().all(|outcome| *outcome == Ok(known("t0"))));
}

#[tokio::test]
async fn a_batch_whose_future_is_dropped_is_written_all_the_same() {
    let house = House::new();
    let journal = house.open();
    drop(journal.append(Batch::of(vec![accepted("t1", "k1")])));
    let clone = journal.clone();
    drop(journal);
    drop(clone.append(Batch::of(vec![accepted("t2", "k2")])));
    // The last handle: what is queued is written within its drop.
    drop(clone);
    assert_eq!(tickets(&house.open().open(&instance("a")).await.unwrap()), ["t1", "t2"]);
}

#[tokio::test]
async fn the_answer_comes_although_the_handle_is_gone() {
    let house = House::new();
    let journal = house.open();
    let durable = journal.append(Batch::of(vec![accepted("t1", "k1")]));
    drop(journal);
    assert_eq!(durable.await, Ok(Outcome::Written));
}

#[tokio::test]
async fn a_group_that_sqlite_rolls_back_in_its_middle_leaves_no_half_of_it() {
    let house = House::new();
    let journal = house.open();
    let (open_gate, gate) = std::sync::mpsc::channel::<()>();
    // All that is queued meanwhile is one group.
    drop(journal.look::<_, Fault>(false, move |_| Ok(gate.recv())));
    let said = |text: &str| journal.append(Batch::must(vec![Record::Turn(turn("c", text, START_MS))]));
    let first = said("1");
    drop(journal.look::<_, Fault>(false, |db| db.execute_batch("ROLLBACK")));
    let second = said("2");
    open_gate.send(()).unwrap();
    assert_eq!((first.await, second.await), (Ok(Outcome::Written), Ok(Outcome::Written)));
    let turns = journal.turns(&instance("a"), "c", 9).await.unwrap();
    assert_eq!(turns.iter().map(|turn| turn.text.as_str()).collect::<Vec<_>>(), ["1", "2"]);
}
