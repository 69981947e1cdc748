use super::*;

#[tokio::test]
async fn the_newest_turns_of_one_conversation_come_oldest_first() {
    let house = House::new();
    let journal = house.open();
    for (conversation, text) in [("c", "1"), ("c", "agent 2"), ("d", "other"), ("c", "3")] {
        journal.write([Record::Turn(turn(conversation, text, START_MS))]).await;
    }
    let foreign = Turn { instance: instance("b"), ..turn("c", "foreign", START_MS) };
    journal.write([Record::Turn(foreign)]).await;
    drop(journal);
    let journal = house.open();
    let last = journal.turns(&instance("a"), "c", 2).await.unwrap();
    assert_eq!(last, [turn("c", "agent 2", START_MS), turn("c", "3", START_MS)]);
    assert_eq!(journal.turns(&instance("a"), "c", 0).await.unwrap(), []);
    assert_eq!(journal.turns(&instance("a"), "none", 5).await.unwrap(), []);
}
