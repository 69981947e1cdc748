use super::*;
use crate::channel::ChannelId;
use crate::parse::What;

fn event(id: &str) -> Event {
    let channel = ChannelId::try_from("c".to_owned()).unwrap();
    Event { id: id.into(), channel, what: What::Other }
}

fn after(id: &str) -> Option<Cursor> {
    Some(Cursor::After(id.into()))
}

/// A live lane at `0` with these ids open.
fn live(open: &[&str]) -> Lane {
    let mut lane = Lane::default();
    lane.starts_at(Cursor::After("0".into()));
    assert_eq!(lane.take_unsaved(), after("0"));
    assert!(lane.catches_up());
    open.iter().for_each(|id| lane.opens(id));
    lane
}

#[test]
fn the_cursor_never_passes_what_is_not_accepted() {
    for order in
        [["a", "b", "c"], ["a", "c", "b"], ["b", "a", "c"], ["b", "c", "a"], ["c", "a", "b"], ["c", "b", "a"]]
    {
        let mut lane = live(&["a", "b", "c"]);
        let mut accepted = Vec::new();
        for id in order {
            lane.accepts(id, true);
            accepted.push(id);
            let row = ["a", "b", "c"].iter().take_while(|id| accepted.contains(id)).last();
            assert_eq!(lane.cursor, after(row.unwrap_or(&"0")), "{accepted:?}");
        }
        assert!(lane.open.is_empty());
    }
}

#[test]
fn a_long_row_behind_one_that_is_not_accepted_costs_one_place() {
    let mut lane = live(&["first"]);
    for n in 0..1000 {
        lane.opens(&n.to_string());
        lane.accepts(&n.to_string(), true);
    }
    assert_eq!(lane.open.len(), 2);
    lane.accepts("first", true);
    assert_eq!(lane.cursor, after("999"));
}

#[test]
fn what_was_not_dispatched_is_written_now_and_then_only() {
    let mut lane = live(&[]);
    let mut moved = |id: &str, dispatched| {
        lane.opens(id);
        lane.accepts(id, dispatched)
    };
    assert!((1..SAVE_AFTER).all(|n| !moved(&n.to_string(), false)));
    assert!(moved("one more", false));
}

#[test]
fn what_comes_in_a_page_waits_no_longer() {
    let mut lane = Lane::default();
    lane.waits(event("a"));
    lane.waits(event("b"));
    lane.puts_back(event("z"), true);
    assert_eq!(lane.sees("a"), Sighting::Waited { vetted: false });
    assert_eq!(lane.sees("z"), Sighting::Waited { vetted: true });
    assert_eq!(lane.sees("a"), Sighting::Unknown);
    assert_eq!(lane.next_waiting().map(|waiting| waiting.event.id), Some("b".into()));
    assert_eq!(lane.load(), (0, 0));
}

#[test]
fn an_empty_page_counts_only_if_nothing_was_missed_since_it_was_asked_for() {
    let mut lane = live(&[]);
    lane.falls_behind(Duration::ZERO);
    lane.asks();
    lane.falls_behind(Duration::ZERO); // another login, while the page is under way
    assert!(!lane.catches_up());
    lane.asks();
    lane.waits(event("a"));
    assert!(!lane.catches_up());
    lane.sheds();
    lane.next_waiting();
    assert!(!lane.catches_up());
    lane.asks();
    assert!(lane.catches_up());
}

#[test]
fn the_first_and_what_was_vetted_are_never_thrown_away() {
    let mut lane = Lane::default();
    lane.puts_back(event("z"), true);
    lane.puts_back(event("a"), false);
    lane.waits(event("b"));
    lane.sheds();
    assert_eq!(lane.load().0, 2);
    assert!(lane.first_before(&page(&["a"])).is_none());
    assert_eq!(lane.first_before(&page(&["b"])).map(|first| first.event.id), Some("a".into()));
    assert_eq!(lane.sees("z"), Sighting::Waited { vetted: true });
    assert_eq!(lane.load(), (0, 0));
}

#[test]
fn what_handlers_from_before_are_at_is_known_until_it_is_accepted() {
    let mut lane = live(&["a", "b", "c"]);
    lane.accepts("b", true);
    lane.falls_behind(Duration::ZERO);
    assert_eq!((lane.sees("a"), lane.sees("b")), (Sighting::Open, Sighting::Unknown));
    lane.passes("a");
    assert_eq!((lane.cursor.clone(), lane.sees("a")), (after("a"), Sighting::Unknown));
    assert!(!lane.accepts("c", true));
    assert_eq!(lane.cursor, after("a"), "behind, only the history moves the cursor");
}

fn page(ids: &[&str]) -> Vec<Event> {
    ids.iter().map(|id| event(id)).collect()
}
