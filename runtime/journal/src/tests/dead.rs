use super::*;
use crate::Standing;

#[tokio::test]
async fn dead_letters_come_oldest_first_of_one_instance_or_of_all() {
    let house = House::new();
    let journal = house.open();
    for (name, about) in [("b", "1"), ("a", "2"), ("b", "3")] {
        journal.write([Record::Dead(dead(name, about))]).await;
    }
    let about = |list: Vec<DeadLetter>| list.into_iter().map(|dead| dead.about).collect::<Vec<_>>();
    assert_eq!(about(journal.dead(None, 9).await.unwrap()), ["1", "2", "3"]);
    assert_eq!(about(journal.dead(None, 2).await.unwrap()), ["1", "2"]);
    assert_eq!(about(journal.dead(Some(&instance("b")), 9).await.unwrap()), ["1", "3"]);
    assert_eq!(about(journal.dead(Some(&instance("none")), 9).await.unwrap()), [""; 0]);
    let second = journal.dead_letter(2).await.unwrap();
    assert_eq!(second, Some(DeadLetter { id: 2, ..dead("a", "2") }));
}

#[tokio::test]
async fn the_id_of_a_dead_letter_is_never_used_again() {
    let house = House::new();
    let journal = house.open();
    journal.write([Record::Dead(dead("a", "1")), Record::Dead(dead("a", "2"))]).await;
    journal.write([Record::DeadGone { id: 2 }, Record::DeadGone { id: 1 }]).await;
    drop(journal);
    let journal = house.open();
    journal.write([Record::Dead(dead("a", "3"))]).await;
    assert_eq!(journal.dead(None, 9).await.unwrap()[0].id, 3);
    assert_eq!(journal.dead_letter(2).await.unwrap(), None);
}

#[tokio::test]
async fn a_dead_letter_that_failed_again_says_the_newest_reason() {
    let house = House::new();
    let journal = house.open();
    journal.write([Record::Dead(dead("a", "1"))]).await;
    let past = Past { attempts: 5, ..Past::default() };
    journal.write([Record::DeadAgain { id: 1, reason: "gone".into(), past: past.clone() }]).await;
    let expected = DeadLetter { id: 1, reason: "gone".into(), past, ..dead("a", "1") };
    assert_eq!(journal.dead_letter(1).await.unwrap(), Some(expected));
}

#[tokio::test]
async fn the_summary_names_whoever_has_something() {
    let house = House::new();
    let journal = house.open();
    let quiet = Message { instance: instance("quiet"), ..message("t9", "k") };
    journal.write([Record::Accepted(quiet), closed("t9")]).await;
    journal.write([accepted("t1", "k1"), accepted("t2", "k2"), Record::Letter(letter("t1", 0))]).await;
    journal.write([closed("t2"), Record::Dead(dead("b", "1"))]).await;
    let expected = [
        Standing { instance: instance("a"), messages: 1, letters: 1, dead: 0 },
        Standing { instance: instance("b"), messages: 0, letters: 0, dead: 1 },
    ];
    assert_eq!(journal.summary().await.unwrap(), expected);
}
