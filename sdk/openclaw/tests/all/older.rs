//! An older gateway, and what else a lenient reader takes.

use openclaw::chat::{Chat, ChatEvent};
use openclaw::connect::{Auth, Challenge, Client, Wish};
use openclaw::frame::{BadFrame, Frame, Response};
use openclaw::link::{Incoming, Link};
use serde_json::json;

fn response(text: &str) -> Response {
    match Frame::read(text) {
        Ok(Frame::Response(response)) => response,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_older_handshake_is_understood() {
    let mut link = Link::new(1);
    let challenge = r#"{"type":"event","event":"connect.challenge","params":{"nonce":"abc"}}"#;
    let Ok(Incoming::Challenge(challenge)) = link.receive(challenge, 0) else { panic!("no challenge") };
    assert_eq!(challenge, Challenge { nonce: "abc".into(), ts: 0 });
    let wish = Wish::operator(Client::backend("1"), &["operator.read"], Auth::Token);
    link.connect(&wish, None, &challenge);
    let hello = json!({ "type": "res", "id": "1", "result": {
        "connId": "c1", "features": { "methods": ["health"], "events": ["tick"] }
    }});
    let Ok(Incoming::Hello(hello)) = link.receive(&hello.to_string(), 0) else { panic!("no hello") };
    assert_eq!((hello.connection_id.as_str(), hello.protocol), ("c1", 0));
    assert_eq!((hello.methods, hello.events), (vec!["health".to_owned()], vec!["tick".to_owned()]));
}

#[test]
fn a_gateway_that_tells_no_scopes_is_believed_and_one_that_grants_none_is_not() {
    let hello = |auth| openclaw::connect::Hello::read(&json!({ "auth": auth })).unwrap();
    assert!(hello(json!(null)).has_scope("operator.read"));
    assert!(!hello(json!({ "scopes": [] })).has_scope("operator.read"));
    assert!(hello(json!({ "scopes": ["operator.write"] })).has_scope("operator.read"));
    assert!(!hello(json!({ "scopes": ["operator.read"] })).has_scope("operator.write"));
    assert!(hello(json!({ "scopes": ["operator.admin"] })).has_scope("operator.pairing"));
}

#[test]
fn params_of_an_event_are_its_payload() {
    let text = r#"{"type":"event","event":"chat","params":{"runId":"r","sessionKey":"main","state":"delta",
        "message":{"role":"assistant","content":"so far"}}}"#;
    let Ok(Frame::Event(event)) = Frame::read(text) else { panic!("no event") };
    let chat = ChatEvent::read(&event).unwrap().unwrap();
    assert_eq!(chat.chat, Chat::Delta { text: None, replace: false, so_far: Some("so far".into()) });
}

#[test]
fn error_codes_may_be_numbers_or_nothing() {
    let problem =
        |error| response(&json!({ "type": "res", "id": 5, "error": error }).to_string()).result.unwrap_err();
    assert_eq!(problem(json!({ "code": 401, "message": "no" })).to_string(), "401: no");
    assert_eq!(problem(json!("no")).to_string(), "UNKNOWN: no");
    assert_eq!(problem(json!({})).code, "UNKNOWN");
    assert_eq!(response(r#"{"type":"res","id":"5","ok":false}"#).result.unwrap_err().code, "UNKNOWN");
}

#[test]
fn an_empty_answer_is_an_answer() {
    assert_eq!(response(r#"{"type":"res","id":"1","ok":true,"payload":null}"#).result, Ok(json!(null)));
    assert_eq!(response(r#"{"type":"res","id":"1","ok":true}"#).result, Ok(json!(null)));
    assert_eq!(response(r#"{"type":"res","id":"1","ok":true,"result":[1]}"#).result, Ok(json!([1])));
}

#[test]
fn an_unknown_frame_is_named_and_no_frame_is_an_error() {
    assert_eq!(Frame::read(r#"{"type":"hail"}"#).unwrap(), Frame::Unknown("hail".into()));
    assert!(matches!(Frame::read("hello"), Err(BadFrame::NotJson(_))));
    assert!(matches!(Frame::read("[]"), Err(BadFrame::NotAnObject { got: "an array" })));
    assert!(matches!(Frame::read(r#"{"type":"res"}"#), Err(BadFrame::Missing { kind: "res", field: "id" })));
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(matches!(Frame::read(&deep), Err(BadFrame::NotJson(_))));
}

#[test]
fn an_unknown_state_is_no_error_and_an_event_without_a_run_is_one() {
    let read = |payload| {
        let text = json!({ "type": "event", "event": "chat", "payload": payload }).to_string();
        let Ok(Frame::Event(event)) = Frame::read(&text) else { panic!("no event") };
        ChatEvent::read(&event).unwrap()
    };
    let chat = read(json!({ "runId": "r", "sessionKey": "s", "state": "pondering" })).unwrap();
    assert_eq!(chat.chat, Chat::Unknown("pondering".into()));
    assert_eq!(read(json!({ "sessionKey": "s", "state": "final" })).unwrap_err().field, "runId");
}
