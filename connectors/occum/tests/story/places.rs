//! The cursor in the store, and channels that come and go.

use crate::platform::Platform;
use crate::setup::*;

const MS: Duration = Duration::from_millis(1);
const NEW: &str = "01989c2e-7b1a-7cc3-9f54-00000000beef";

fn commits(host: &FakeHost) -> usize {
    host.calls().iter().filter(|call| matches!(call, Call::StoreCommit(_))).count()
}

#[test]
fn the_cursor_is_written_after_the_message_is_accepted_and_beside_the_work_session() {
    let host = host();
    let occum = logged_in(&host);
    host.slow_store(Duration::from_secs(3600)).slow_dispatch(MS);
    let handled = occum.receives("events", said("ev_1", "hello"));
    assert_eq!(host.story().len(), 1, "dispatched, and nothing else");
    occum.pass(MS);
    assert_eq!(asked(&host, "POST"), [format!("/channels/{CHANNEL}/work")]);
    assert_eq!((handled.poll(), host.kept(CURSOR)), (None, Some(b"null".to_vec())));
    occum.pass(Duration::from_secs(3600));
    assert_eq!((handled.answer(), host.kept(CURSOR)), (Disposition::Done, Some(b"\"ev_1\"".to_vec())));
}

#[test]
fn many_messages_cost_few_commits() {
    let host = host();
    let occum = logged_in(&host);
    host.slow_store(MS * 4);
    (0..100).for_each(|n| drop(occum.receives("events", said(&format!("ev_{n}"), "hi"))));
    occum.pass(MS * 20);
    assert_eq!((commits(&host), host.kept(CURSOR)), (2, Some(b"\"ev_99\"".to_vec())));
}

#[test]
fn our_own_events_move_the_cursor_and_cost_no_commit() {
    let host = host();
    let occum = logged_in(&host);
    occum.receives("events", own("ev_1", "mine").to_string()).answer();
    assert_eq!(commits(&host), 0);
    occum.stop(sdk::StopReason::Upgrade).answer();
    assert_eq!(host.kept(CURSOR), Some(b"\"ev_1\"".to_vec()));
}

#[test]
fn a_cursor_that_could_not_be_written_is_written_with_the_next() {
    let host = host();
    let occum = logged_in(&host);
    host.fail_commit(store::Error::Unavailable("disk".into()));
    assert_eq!(occum.receives("events", said("ev_1", "hi")).answer(), Disposition::Done);
    assert!(host.logs().iter().any(|line| line.starts_with("warn: could not write the cursors")));
    occum.receives("events", own("ev_2", "mine").to_string()).answer();
    assert_eq!(host.kept(CURSOR), Some(b"\"ev_2\"".to_vec()));
}

#[test]
fn a_channel_made_with_us_in_it_is_heard_from_its_first_word_on() {
    let platform = Platform::new(&[CHANNEL]);
    let host = platform.host(MS);
    let occum = logged_in(&host);
    platform.add_channel(NEW);
    assert_eq!(occum.receives("events", platform.say(NEW, "one")).answer(), Disposition::Done);
    platform.say(NEW, "two");
    occum.kill();
    let occum = start(&host);
    occum.receives("events", platform.auth_ok());
    catch_up(&host, &occum);
    let texts: Vec<_> = host.dispatched().into_iter().map(|inbound| inbound.text).collect();
    assert_eq!(texts, ["one", "two"]);
}

#[test]
fn a_channel_that_we_joined_is_heard_from_then_on() {
    let host = host();
    let mut joined = event_in(NEW, "ev_2", json!({ "agent": "a1" }), "");
    joined["eventType"] = json!("member_joined");
    let history = [
        event_in(NEW, "ev_1", json!({ "user": "1" }), "before"),
        joined.clone(),
        event_in(NEW, "ev_3", json!({ "user": "1" }), "after"),
    ];
    host.on(&format!("GET */{NEW}/events?limit=100")).answer(200, json!(history));
    host.on(&format!("GET */{NEW}/events?limit=100&after=ev_2")).answer(200, json!(history[2..]));
    let occum = logged_in(&host);
    occum.receives("events", joined.to_string()).answer();
    catch_up(&host, &occum);
    assert_eq!(dispatched(&host), ["ev_3"]);
}

#[test]
fn a_channel_that_we_left_is_forgotten() {
    let host = host();
    let occum = logged_in(&host);
    occum.receives("events", said("ev_1", "hi")).answer();
    occum.receives("events", auth_ok_with(Some("a1"), &[CONTROL])).answer();
    catch_up(&host, &occum);
    assert_eq!((host.kept(CURSOR), host.kept(&format!("cursor/{CONTROL}"))), (None, Some(b"null".to_vec())));
}

#[test]
fn a_channel_that_is_gone_is_forgotten_too() {
    let host = host();
    let occum = logged_in(&host);
    host.on("GET */events*").answer(404, json!({}));
    log_in(&occum);
    catch_up(&host, &occum);
    assert_eq!((host.kept(CURSOR), host.has_timer("catch-up")), (None, false));
}
