use super::*;
use ports::journal::Error;

#[tokio::test]
async fn a_message_is_accepted_once_per_instance_and_key() {
    let house = House::new();
    let journal = house.open();
    assert_eq!(journal.write([accepted("t1", "k")]).await, Outcome::Written);
    assert_eq!(journal.write([accepted("t2", "k")]).await, known("t1"));
    let other = Message { instance: instance("b"), ..message("t3", "k") };
    assert_eq!(journal.write([Record::Accepted(other)]).await, Outcome::Written);
    let open = journal.open(&instance("a")).await.unwrap();
    assert_eq!(open.messages, [message("t1", "k")]);
}

#[tokio::test]
async fn of_a_batch_whose_key_is_known_nothing_is_written() {
    let house = House::new();
    let journal = house.open();
    journal.write([accepted("t1", "k")]).await;
    let batch = [
        Record::Turn(turn("c", "hi", 1)),
        Record::Letter(letter("t2", 0)),
        closed("t1"),
        accepted("t2", "k"),
        accepted("t3", "other"),
    ];
    assert_eq!(journal.write(batch).await, known("t1"));
    let open = journal.open(&instance("a")).await.unwrap();
    assert_eq!((tickets(&open), letters(&open)), (vec!["t1"], vec![]));
    assert_eq!(journal.turns(&instance("a"), "c", 9).await.unwrap(), []);
}

#[tokio::test]
async fn the_key_of_a_closed_message_stays_known_for_seven_days() {
    let house = House::new();
    let journal = house.open();
    journal.write([accepted("t1", "k")]).await;
    journal.write([closed("t1")]).await;
    assert_eq!(journal.open(&instance("a")).await.unwrap(), Open::default());
    house.days_pass(7);
    assert_eq!(journal.write([accepted("t2", "k")]).await, known("t1"));
    house.now_ms.fetch_add(1, SeqCst);
    // The key's time is over, whether or not the retention has come by.
    assert_eq!(journal.write([accepted("t3", "k")]).await, Outcome::Written);
}

#[tokio::test]
async fn the_key_of_an_open_message_is_known_for_ever() {
    let house = House::new();
    house.open().write([accepted("t1", "k")]).await;
    house.days_pass(4000);
    assert_eq!(house.open().write([accepted("t2", "k")]).await, known("t1"));
}

#[tokio::test]
async fn what_was_open_is_open_again_in_its_order() {
    let house = House::new();
    let journal = house.open();
    let order = ["t9", "t1", "t5", "t3"];
    let appended = order.map(|ticket| journal.append(Batch::of(vec![accepted(ticket, ticket)])));
    for durable in appended {
        assert_eq!(durable.await, Ok(Outcome::Written));
    }
    journal.write([closed("t1")]).await;
    drop(journal);
    let open = house.open().open(&instance("a")).await.unwrap();
    assert_eq!(open.messages, ["t9", "t5", "t3"].map(|ticket| message(ticket, ticket)));
}

#[tokio::test]
async fn a_batch_that_breaks_a_rule_fails_whole_and_alone() {
    let house = House::new();
    let journal = house.open();
    journal.write([accepted("t1", "k1")]).await;
    // All in one group.
    let before = journal.append(Batch::of(vec![accepted("t2", "k2")]));
    let broken = journal.append(Batch::must(vec![Record::Letter(letter("x", 0)), accepted("t1", "k3")]));
    let after = journal.append(Batch::must(vec![accepted("t4", "k4")]));
    assert_eq!(before.await, Ok(Outcome::Written));
    assert!(matches!(broken.await, Err(Error::Unavailable(text)) if text.contains("messages.ticket")));
    assert_eq!(after.await, Ok(Outcome::Written));
    let open = journal.open(&instance("a")).await.unwrap();
    assert_eq!((tickets(&open), letters(&open)), (vec!["t1", "t2", "t4"], vec![]));
}

#[tokio::test]
async fn an_instance_that_came_with_a_failed_batch_does_not_get_the_place_of_another() {
    let house = House::new();
    let journal = house.open();
    journal.write([accepted("t1", "k1")]).await;
    let of = |name: &str, ticket: &str| {
        vec![Record::Accepted(Message { instance: instance(name), ..message(ticket, ticket) })]
    };
    journal.append(Batch::of(of("b", "t1"))).await.unwrap_err();
    journal.write(of("c", "t2")).await;
    journal.write(of("b", "t3")).await;
    assert_eq!(tickets(&journal.open(&instance("c")).await.unwrap()), ["t2"]);
    assert_eq!(tickets(&journal.open(&instance("b")).await.unwrap()), ["t3"]);
}

#[tokio::test]
async fn a_read_sees_what_was_asked_before_it_and_nothing_after() {
    let house = House::new();
    let journal = house.open();
    for number in 0..50 {
        let name = format!("t{number}");
        drop(journal.append(Batch::of(vec![accepted(&name, &name)])));
        let open = journal.open(&instance("a"));
        drop(journal.append(Batch::of(vec![closed(&name)])));
        let closed = journal.open(&instance("a"));
        assert_eq!(tickets(&open.await.unwrap()), [name]);
        assert_eq!(closed.await.unwrap(), Open::default());
    }
}

#[tokio::test]
async fn a_large_body_comes_back_as_it_was() {
    let house = House::new();
    let body: Vec<u8> = (0..300 * 1024_u32).map(|at| (at * 7 % 251) as u8).collect();
    let large = Message { body, ..message("t1", "k") };
    house.open().write([Record::Accepted(large.clone())]).await;
    assert_eq!(house.open().open(&instance("a")).await.unwrap().messages, [large]);
}
