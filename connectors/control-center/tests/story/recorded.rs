//! Frames that a real gateway sent, trimmed.

use serde_json::Value;

const HANDSHAKE: &str = include_str!("../recorded/handshake.jsonl");
const OTHERS: &str = include_str!("../recorded/others.jsonl");
const READS: &str = include_str!("../recorded/reads.jsonl");
const REFUSALS: &str = include_str!("../recorded/refusals.jsonl");
const SUBSCRIPTIONS: &str = include_str!("../recorded/subscriptions.jsonl");

fn frames(file: &str) -> impl Iterator<Item = Value> {
    let line = |line: &str| serde_json::from_str::<Value>(line).unwrap();
    file.lines().map(line).filter(|line| line["dir"] == "recv").map(|mut line| line["frame"].take())
}

pub(crate) fn challenge() -> Value {
    frames(HANDSHAKE).find(|frame| frame["event"] == "connect.challenge").unwrap()
}

/// With this device token in it.
pub(crate) fn hello(token: &str) -> Value {
    let mut hello = frames(HANDSHAKE).find(|frame| frame["payload"]["type"] == "hello-ok").unwrap();
    hello["payload"]["auth"]["deviceToken"] = token.into();
    hello
}

/// Of a login that was granted nothing.
pub(crate) fn hello_without_scopes() -> Value {
    frames(HANDSHAKE).find(|frame| frame["payload"]["auth"]["scopes"] == serde_json::json!([])).unwrap()
}

/// The refusal with this finer code or reason.
pub(crate) fn refusal(code: &str) -> Value {
    let is_it = |frame: &Value| {
        let details = &frame["error"]["details"];
        details["code"] == code || details["reason"] == code
    };
    frames(REFUSALS).find(is_it).unwrap()
}

/// What the gateway answered to this method.
pub(crate) fn answer(method: &str) -> Value {
    let key = match method {
        "sessions.subscribe" => return serde_json::json!({ "subscribed": true }),
        "sessions.list" => "/sessions/0/key",
        "agents.list" => "/agents/0/id",
        "system-presence" => "/0/host",
        "health" => "/heartbeatSeconds",
        other => panic!("{other}"),
    };
    let is_it = |payload: &Value| payload.pointer(key).is_some();
    frames(READS).map(|mut frame| frame["payload"].take()).find(is_it).unwrap()
}

/// Five sessions of seven.
pub(crate) fn list() -> Value {
    frames(SUBSCRIPTIONS).find_map(|frame| frame["payload"].get("list").cloned()).unwrap()
}

/// Events of this name, in their order.
pub(crate) fn events(name: &str) -> Vec<Value> {
    let all = frames(SUBSCRIPTIONS).chain(frames(OTHERS)).chain(frames(READS));
    all.filter(|frame| frame["event"] == name).collect()
}

pub(crate) fn missing_scope() -> Value {
    frames(OTHERS).find(|frame| frame["error"]["code"] == "FORBIDDEN").unwrap()
}

pub(crate) fn all() -> Vec<Value> {
    [HANDSHAKE, OTHERS, READS, REFUSALS, SUBSCRIPTIONS].into_iter().flat_map(frames).collect()
}
