//! The link: answers to requests, deadlines, silence, gaps.

use openclaw::connect::{Auth, Challenge, Client, Wish};
use openclaw::frame::BadFrame;
use openclaw::link::{Gap, Incoming, Link};
use serde_json::{Value, json};

fn wish() -> Wish {
    Wish::operator(Client::backend("1"), &["operator.read"], Auth::None)
}

fn id_of(frame: &str) -> Value {
    serde_json::from_str::<Value>(frame).unwrap()["id"].take()
}

fn answer(id: &Value, payload: Value) -> String {
    json!({ "type": "res", "id": id, "ok": true, "payload": payload }).to_string()
}

fn connected(hello: Value) -> Link {
    let mut link = Link::new(1);
    let id = id_of(&link.connect(&wish(), None, &Challenge { nonce: "n".into(), ts: 1 }));
    let incoming = link.receive(&answer(&id, hello), 0).unwrap();
    assert!(matches!(incoming, Incoming::Hello(_)), "{incoming:?}");
    link
}

#[test]
fn answers_find_their_requests_in_any_order() {
    let mut link = connected(json!({}));
    let (first, first_frame) = link.request("health", json!({}), 10);
    let (second, second_frame) = link.request("status", json!({}), 20);
    assert_eq!((link.pending(), link.next_deadline()), (2, Some(10)));
    for (id, frame) in [(second, second_frame), (first, first_frame)] {
        let Incoming::Response { id: found, is_last: true, result: Ok(payload), .. } =
            link.receive(&answer(&id_of(&frame), json!(7)), 1).unwrap()
        else {
            panic!("no answer")
        };
        assert_eq!((found, payload), (id, json!(7)));
    }
    assert_eq!((link.pending(), link.next_deadline()), (0, None));
}

#[test]
fn an_unknown_a_late_and_a_second_answer_are_unexpected() {
    let mut link = connected(json!({}));
    let (id, frame) = link.request("health", json!({}), 10);
    assert_eq!(link.expired(9), []);
    assert_eq!(link.expired(10), [id]);
    let late = id_of(&frame);
    let (next, _) = link.request("health", json!({}), 20);
    let odd = [format!("+{next}"), format!("0{next}"), format!(" {next}")].map(Value::from);
    for id in [late, json!("x"), json!(""), json!("99999999999999999999999")].into_iter().chain(odd) {
        let incoming = link.receive(&answer(&id, json!({})), 11).unwrap();
        assert!(matches!(incoming, Incoming::Unexpected(_)), "{id}: {incoming:?}");
    }
    assert_eq!(link.pending(), 1);
}

#[test]
fn an_accepted_agent_stays_pending_and_its_deadline_can_be_moved() {
    let mut link = connected(json!({}));
    let (id, frame) = link.request("agent", json!({}), 10);
    let accepted = answer(&id_of(&frame), json!({ "status": "accepted", "runId": "r" }));
    assert!(matches!(link.receive(&accepted, 1), Ok(Incoming::Response { is_last: false, .. })));
    assert!(link.extend(id, 100));
    assert_eq!((link.expired(99), link.pending()), (vec![], 1));
    let ended = answer(&id_of(&frame), json!({ "status": "ok", "runId": "r" }));
    assert!(matches!(link.receive(&ended, 99), Ok(Incoming::Response { is_last: true, .. })));
    assert!(!link.extend(id, 1000));

    let (_, other) = link.request("health", json!({}), 10);
    let accepted = answer(&id_of(&other), json!({ "status": "accepted" }));
    assert!(matches!(link.receive(&accepted, 1), Ok(Incoming::Response { is_last: true, .. })));
}

#[test]
fn a_jump_in_the_numbers_is_a_gap_and_a_repetition_is_not() {
    let mut link = connected(json!({}));
    let mut gap = |seq: Value| match link
        .receive(&json!({ "type": "event", "event": "tick", "seq": seq }).to_string(), 1)
    {
        Ok(Incoming::Event { gap, .. }) => gap,
        other => panic!("{other:?}"),
    };
    assert_eq!(gap(json!(1)), None);
    assert_eq!(gap(json!(2)), None);
    assert_eq!(gap(json!(null)), None);
    assert_eq!(gap(json!(5)), Some(Gap { expected: 3, got: 5 }));
    assert_eq!(gap(json!(4)), None);
    assert_eq!(gap(json!(6)), None);
    assert_eq!(gap(json!(u64::MAX)), Some(Gap { expected: 7, got: u64::MAX }));
}

#[test]
fn an_event_lost_before_the_first_is_a_gap_too() {
    let mut link = connected(json!({}));
    let incoming = link.receive(r#"{"type":"event","event":"tick","seq":2}"#, 1);
    assert!(matches!(incoming, Ok(Incoming::Event { gap: Some(Gap { expected: 1, got: 2 }), .. })));
}

#[test]
fn two_tick_intervals_without_a_frame_are_silence() {
    let mut link = Link::new(1);
    assert!(!link.is_silent(u64::MAX) && link.silent_from().is_none());
    link = connected(json!({ "policy": { "tickIntervalMs": 5000 } }));
    assert_eq!(link.silent_from(), Some(10_000));
    assert!(!link.is_silent(9_999) && link.is_silent(10_000));
    let _ = link.receive("not json", 4_000);
    assert!(!link.is_silent(13_999) && link.is_silent(14_000));
    assert_eq!(connected(json!({})).silent_from(), Some(60_000));
    assert_eq!(connected(json!({ "policy": { "tickIntervalMs": 0 } })).silent_from(), Some(2_000));
}

#[test]
fn a_refused_connect_keeps_its_problem() {
    let mut link = Link::new(7);
    let id = id_of(&link.connect(&wish(), None, &Challenge { nonce: "n".into(), ts: 1 }));
    let refused = json!({ "type": "res", "id": id, "ok": false, "error": {
        "code": "UNAVAILABLE", "message": "starting", "retryable": true, "retryAfterMs": 500
    }});
    let Ok(Incoming::Refused(problem)) = link.receive(&refused.to_string(), 0) else { panic!("not refused") };
    assert_eq!(problem.to_string(), "UNAVAILABLE: starting");
    assert!(problem.retryable && problem.retry_after.is_some());
}

#[test]
fn a_hello_that_is_none_is_an_error_and_not_a_connection() {
    let mut link = Link::new(1);
    let id = id_of(&link.connect(&wish(), None, &Challenge { nonce: "n".into(), ts: 1 }));
    assert!(matches!(link.receive(&answer(&id, json!("hi")), 0), Err(BadFrame::Hello(_))));
}
