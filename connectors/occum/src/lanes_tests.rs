use super::*;
use crate::parse::What;

const NOW: Duration = Duration::from_secs(100);

fn channel(id: &str) -> ChannelId {
    ChannelId::try_from(id.to_owned()).unwrap()
}

fn event(channel_id: &str, id: usize) -> Event {
    Event { id: id.to_string(), channel: channel(channel_id), what: What::Other }
}

fn live(lanes: &mut Lanes, id: &str) {
    let lane = lanes.add(channel(id), NOW);
    lane.starts_at(Cursor::Beginning);
    assert!(lane.catches_up());
}

#[test]
fn channels_where_somebody_waits_come_first_then_all_in_turn() {
    let mut lanes = Lanes::default();
    for id in ["a", "b", "c"] {
        lanes.add(channel(id), NOW);
    }
    lanes.arrives(event("c", 1), NOW);
    let mut next = || {
        let next = lanes.next(NOW)?;
        let lane = lanes.lane(&next)?;
        lane.busy = false;
        lane.next_waiting();
        Some(next.to_string())
    };
    let turns: Vec<_> = (0..5).filter_map(|_| next()).collect();
    assert_eq!(turns, ["c", "a", "b", "c", "a"]);
}

#[test]
fn the_timer_is_set_once_for_many_events_and_again_when_it_is_overdue() {
    let mut lanes = Lanes::default();
    assert_eq!(lanes.arm(NOW), None);
    lanes.add(channel("a"), NOW + Duration::from_secs(1));
    assert_eq!(lanes.arm(NOW), Some(NOW + Duration::from_secs(1)));
    lanes.add(channel("b"), NOW);
    assert_eq!(lanes.arm(NOW), Some(NOW));
    assert_eq!(lanes.arm(NOW + Duration::from_millis(3)), None);
    assert_eq!(lanes.arm(NOW + OVERDUE), Some(NOW + OVERDUE));
    assert!(lanes.begin_work() && !lanes.begin_work());
    assert_eq!(lanes.arm(NOW), None, "who works sets it at the end");
}

#[test]
fn too_much_that_waits_is_left_to_the_history() {
    let mut lanes = Lanes::default();
    lanes.add(channel("a"), NOW).asks();
    (0..=WAITING).for_each(|n| drop(lanes.arrives(event("a", n), NOW)));
    let lane = lanes.lane(&channel("a")).unwrap();
    assert_eq!(lane.next_waiting().map(|first| first.event.id), Some("0".into()));
    assert_eq!(lane.load(), (0, 0));
    assert!(!lane.catches_up(), "it is asked for once more");
}

#[test]
fn one_saves_for_all_and_what_failed_is_saved_next_time() {
    let mut lanes = Lanes::default();
    live(&mut lanes, "a");
    live(&mut lanes, "b");
    lanes.is_to_be_saved(&channel("a"));
    let saving = lanes.begin_saving().unwrap();
    lanes.is_to_be_saved(&channel("b"));
    assert_eq!(lanes.begin_saving(), None, "somebody is at it");
    lanes.end_saving(saving);
    let again: Vec<_> = lanes.begin_saving().unwrap().into_iter().map(|(id, _)| id.to_string()).collect();
    assert_eq!(again, ["a", "b"]);
    lanes.end_saving(Vec::new());
    assert_eq!(lanes.begin_saving(), None);
}

#[test]
fn a_login_puts_all_its_channels_behind_and_forgets_the_others() {
    let mut lanes = Lanes::default();
    live(&mut lanes, "a");
    live(&mut lanes, "b");
    assert_eq!(lanes.log_in(vec![channel("b"), channel("c")], NOW), [channel("a")]);
    assert!(lanes.lane(&channel("a")).is_none());
    assert!(matches!(lanes.arrives(event("b", 1), NOW), Arrival::Waits));
    assert!(matches!(lanes.arrives(event("c", 1), NOW), Arrival::Waits));
    assert!(!lanes.all_have_begun());
}
