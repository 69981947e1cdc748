use super::*;

#[tokio::test]
async fn letters_come_by_source_in_the_order_of_the_first_then_by_number() {
    let house = House::new();
    let journal = house.open();
    for (source, number) in [("b", 0), ("a", 1), ("c", 0), ("b", 1), ("a", 0), ("b", 2)] {
        journal.write([Record::Letter(letter(source, number))]).await;
    }
    journal.write([Record::Settled(letter("b", 0).id)]).await;
    drop(journal);
    let open = house.open().open(&instance("a")).await.unwrap();
    assert_eq!(letters(&open), [("b", 1), ("b", 2), ("a", 0), ("a", 1), ("c", 0)]);
    assert_eq!(open.letters[0], letter("b", 1));
}

#[tokio::test]
async fn a_setback_replaces_the_past_and_a_settled_letter_is_gone() {
    let house = House::new();
    let journal = house.open();
    journal.write([Record::Letter(letter("a", 0)), Record::Letter(letter("a", 1))]).await;
    let mut past = Past { deaths: 1, ..Past::default() };
    past.fails(START_MS, "refused \"it\"");
    journal.write([Record::Setback { letter: letter("a", 1).id, past: past.clone() }]).await;
    journal.write([Record::Settled(letter("a", 0).id)]).await;
    let open = journal.open(&instance("a")).await.unwrap();
    assert_eq!(open.letters, [Letter { past, ..letter("a", 1) }]);
}

#[tokio::test]
async fn what_is_not_there_is_neither_settled_nor_set_back_nor_closed() {
    let house = House::new();
    let journal = house.open();
    let gone = letter("nobody", 0).id;
    let batch = [
        Record::Setback { letter: gone.clone(), past: Past::default() },
        Record::Settled(gone),
        closed("nobody"),
        Record::DeadAgain { id: 7, reason: "again".into(), past: Past::default() },
        Record::DeadGone { id: 7 },
    ];
    assert_eq!(journal.write(batch).await, Outcome::Written);
    assert_eq!(journal.open(&instance("a")).await.unwrap(), Open::default());
}

#[tokio::test]
async fn with_a_message_its_body_and_letters_go_and_only_its_key_stays() {
    let house = House::new();
    let journal = house.open();
    journal
        .write([accepted("t1", "k"), Record::Letter(letter("t1", 0)), Record::Letter(letter("t2", 0))])
        .await;
    journal.write([closed("t1")]).await;
    let open = journal.open(&instance("a")).await.unwrap();
    assert_eq!((tickets(&open), letters(&open)), (vec![], vec![("t2", 0)]));
    assert_eq!(journal.number("SELECT sum(length(body)) FROM messages").await, 0);
}
