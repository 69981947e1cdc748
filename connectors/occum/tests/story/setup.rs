//! What the stories share: a host, the connector on it, and frames of the platform.

pub(crate) use occum::Occum;
pub(crate) use sdk::agent::{self, Inbound, Reply};
pub(crate) use sdk::http::{self, Sent};
pub(crate) use sdk::testing::{Call, Driver, FakeHost, Outcome};
pub(crate) use sdk::{Disposition, store};
pub(crate) use serde_json::{Value, json};
pub(crate) use std::time::Duration;

pub(crate) const API: &str = "https://api.occum.net/v1";
pub(crate) const CHANNEL: &str = "01989c2e-7b1a-7cc3-9f54-0d2b6a3e9c11";
pub(crate) const CONTROL: &str = "01989c2e-7b1a-7cc3-9f54-00000000c0de";
pub(crate) const CURSOR: &str = "cursor/01989c2e-7b1a-7cc3-9f54-0d2b6a3e9c11";

/// A platform that agrees to everything, with one channel in which nothing was ever said.
pub(crate) fn host() -> FakeHost {
    let host = FakeHost::new();
    host.secret("agentToken");
    host.on("GET */agents/me")
        .answer(200, json!({ "id": "a1", "name": "Anna", "controlChannelId": CONTROL }));
    host.on("GET */channels").answer(200, json!([{ "id": CHANNEL }]));
    host.on("GET */events*").answer(200, json!([]));
    host.on("POST */messages").answer(201, json!({ "id": "ev_posted" }));
    host.on("POST */work").answer(201, json!({}));
    host.on("POST */complete").answer(200, json!({}));
    host
}

/// A new instance, with nothing noted yet.
pub(crate) fn start(host: &FakeHost) -> Driver<Occum> {
    let occum = Driver::start(host, json!({})).unwrap();
    host.forget();
    occum
}

/// Connected, logged in, and through with the past.
pub(crate) fn logged_in(host: &FakeHost) -> Driver<Occum> {
    let occum = start(host);
    log_in(&occum);
    catch_up(host, &occum);
    host.forget();
    occum
}

pub(crate) fn log_in(occum: &Driver<Occum>) {
    let opened = occum.opens("events");
    let ready = occum.receives("events", auth_ok(Some("a1")));
    occum.pass(Duration::from_secs(1));
    assert_eq!((opened.answer(), ready.answer()), (Disposition::Done, Disposition::Done));
}

/// Lets the timer fire as often as it is set.
pub(crate) fn catch_up(host: &FakeHost, occum: &Driver<Occum>) {
    for _ in 0..100 {
        if !host.has_timer("catch-up") {
            return;
        }
        fire(host, occum);
    }
    panic!("it never ends: {:#?}", host.logs());
}

/// Lets the timer fire once, in its time.
pub(crate) fn fire(host: &FakeHost, occum: &Driver<Occum>) {
    let set = |call| if let Call::Once { delay, .. } = call { Some(delay) } else { None };
    let delay = host.calls().into_iter().rev().find_map(set).unwrap_or(Duration::from_millis(10));
    occum.pass(delay);
    let fired = occum.fires("catch-up");
    occum.pass(Duration::from_secs(10));
    assert_eq!(fired.answer(), Disposition::Done);
}

/// The story without what it took to remember and to wake up.
pub(crate) fn story(host: &FakeHost) -> Vec<String> {
    let inner = ["read ", "list ", "commit ", "timer "];
    let told = |line: &String| !inner.iter().any(|word| line.starts_with(word));
    host.story().into_iter().filter(told).collect()
}

/// The ids that the agent was given.
pub(crate) fn dispatched(host: &FakeHost) -> Vec<String> {
    host.dispatched().into_iter().map(|inbound| inbound.key).collect()
}

/// The requests of this method, without the base.
pub(crate) fn asked(host: &FakeHost, method: &str) -> Vec<String> {
    let requests = host.requests().into_iter().filter(|request| request.method == method);
    requests.map(|request| request.url.trim_start_matches(API).to_owned()).collect()
}

pub(crate) fn auth_ok(agent: Option<&str>) -> String {
    auth_ok_with(agent, &[CHANNEL])
}

pub(crate) fn auth_ok_with(agent: Option<&str>, channels: &[&str]) -> String {
    json!({ "type": "auth_ok", "userId": "u1", "agentId": agent, "channels": channels }).to_string()
}

/// An event as a page has it, and a frame too.
pub(crate) fn event_in(channel: &str, id: &str, sender: Value, text: &str) -> Value {
    let (user, agent) = (sender["user"].clone(), sender["agent"].clone());
    let kind = if user.is_null() { "agent" } else { "user" };
    json!({
        "type": "event", "id": id, "channelId": channel, "eventType": "message", "senderType": kind,
        "senderUserId": user, "senderAgentId": agent, "body": { "text": text },
        "createdAt": "2026-01-01T00:00:00.000Z",
    })
}

pub(crate) fn event(id: &str, text: &str) -> Value {
    event_in(CHANNEL, id, json!({ "user": "42" }), text)
}

pub(crate) fn own(id: &str, text: &str) -> Value {
    event_in(CHANNEL, id, json!({ "agent": "a1" }), text)
}

pub(crate) fn said(id: &str, text: &str) -> String {
    event(id, text).to_string()
}

pub(crate) fn agent_said(id: &str, agent: &str) -> String {
    event_in(CHANNEL, id, json!({ "agent": agent }), "and you?").to_string()
}

/// A message that the agent has been given.
pub(crate) fn given(host: &FakeHost, occum: &Driver<Occum>) -> Inbound {
    occum.receives("events", said("ev_1", "hello")).answer();
    let inbound = host.dispatched().remove(0);
    host.forget();
    inbound
}

pub(crate) fn session(host: &FakeHost) -> String {
    let work = host.requests().into_iter().find(|request| request.url.ends_with("/work")).unwrap();
    body(&work)["sessionId"].as_str().unwrap().to_owned()
}

pub(crate) fn body(request: &http::Request) -> Value {
    serde_json::from_slice(request.body.as_deref().unwrap()).unwrap()
}
