//! What the stories share: a host, the connector on it, and a gateway that answers as the real one did.

pub(crate) use crate::recorded;
pub(crate) use control_center::ControlCenter;
pub(crate) use sdk::Disposition;
pub(crate) use sdk::testing::{Call, Driver, FakeHost, Outcome};
pub(crate) use sdk::websocket::{CloseReason, Frame};
pub(crate) use serde_json::{Value, json};
use std::cell::Cell;
pub(crate) use std::time::Duration;

pub(crate) const NAME: &str = "gateway";
pub(crate) const TOKEN: &str = "the-gateway's-own-token";
pub(crate) const DEVICE_TOKEN: &str = "the-device's-own-token";

pub(crate) type Center = Driver<ControlCenter>;

/// A host with the gateway's token.
pub(crate) fn host() -> FakeHost {
    let host = FakeHost::new();
    host.secret_value("gatewayToken", TOKEN);
    host
}

pub(crate) fn start(host: &FakeHost) -> Center {
    start_with(host, json!({}))
}

pub(crate) fn start_with(host: &FakeHost, config: Value) -> Center {
    Driver::start(host, config).unwrap()
}

/// The frames that were sent, since the last chapter.
pub(crate) fn sent(host: &FakeHost) -> Vec<Value> {
    let text = |call| match call {
        Call::Send { frame: Frame::Text(text), .. } => Some(serde_json::from_str(&text).unwrap()),
        _ => None,
    };
    host.calls().into_iter().filter_map(text).collect()
}

/// The methods that were asked for, since the last chapter.
pub(crate) fn asked(host: &FakeHost) -> Vec<String> {
    sent(host).iter().map(|frame| frame["method"].as_str().unwrap().to_owned()).collect()
}

pub(crate) fn hear(center: &Center, frame: &Value) {
    assert_eq!(center.receives(NAME, frame.to_string()).answer(), Disposition::Done);
}

/// The recorded frame, as an answer to this request.
pub(crate) fn answer_with(center: &Center, request: &Value, frame: &Value) {
    let mut frame = frame.clone();
    frame["id"] = request["id"].clone();
    hear(center, &frame);
}

pub(crate) fn answer(center: &Center, request: &Value, payload: Value) {
    answer_with(center, request, &json!({ "type": "res", "ok": true, "payload": payload }));
}

/// An event with the next number of this connection.
pub(crate) struct Events(Cell<u64>);

impl Events {
    pub(crate) fn new() -> Self {
        Self(Cell::new(1))
    }

    pub(crate) fn happens(&self, center: &Center, frame: &Value) {
        let mut frame = frame.clone();
        frame["seq"] = self.0.replace(self.0.get() + 1).into();
        hear(center, &frame);
    }

    pub(crate) fn lose(&self, events: u64) {
        self.0.set(self.0.get() + events);
    }
}

/// The socket opens, and the gateway challenges; the login that was sent.
pub(crate) fn login(host: &FakeHost, center: &Center) -> Value {
    center.opens(NAME).answer();
    host.forget();
    hear(center, &recorded::challenge());
    let [login] = &sent(host)[..] else { panic!("{:?}", host.story()) };
    login.clone()
}

/// Let in; the refresh was sent and not answered.
pub(crate) fn let_in(host: &FakeHost, center: &Center) {
    let login = login(host, center);
    host.forget();
    answer_with(center, &login, &recorded::hello(DEVICE_TOKEN));
}

/// Answers what was asked, with what `answers` says, until nothing is asked any more.
pub(crate) fn serve_with(host: &FakeHost, center: &Center, answers: impl Fn(&Value) -> Value) {
    for _ in 0..100 {
        let requests = sent(host);
        host.forget();
        if requests.is_empty() {
            return;
        }
        requests.iter().for_each(|request| answer(center, request, answers(request)));
    }
    panic!("it asks for ever");
}

pub(crate) fn serve(host: &FakeHost, center: &Center) {
    serve_with(host, center, |request| recorded::answer(request["method"].as_str().unwrap()));
}

/// A new instance that is let in, and whose picture is complete.
pub(crate) fn connected(host: &FakeHost) -> Center {
    let center = start(host);
    let_in(host, &center);
    serve(host, &center);
    host.forget();
    center
}

/// A list of sessions as the gateway gives it.
pub(crate) fn sessions(rows: &[Value]) -> Value {
    json!({ "sessions": rows, "hasMore": false, "totalCount": rows.len(), "nextOffset": null })
}

pub(crate) fn row(key: &str, at: u64) -> Value {
    json!({ "key": key, "agentId": "main", "sessionId": format!("id of {key}"), "updatedAt": at })
}

/// Answers as recorded, but with these sessions.
pub(crate) fn serve_sessions(host: &FakeHost, center: &Center, rows: &[Value]) {
    serve_with(host, center, |request| match request["method"].as_str().unwrap() {
        "sessions.list" => sessions(rows),
        other => recorded::answer(other),
    });
}

pub(crate) fn shown(host: &FakeHost, key: &str) -> Value {
    host.published().get(key).cloned().unwrap_or_default()
}

/// Keys of what is published under this prefix, without it.
pub(crate) fn shown_keys(host: &FakeHost, prefix: &str) -> Vec<String> {
    host.published().keys().filter_map(|key| key.strip_prefix(prefix)).map(str::to_owned).collect()
}

pub(crate) fn statuses(host: &FakeHost) -> Vec<String> {
    host.story().into_iter().filter(|line| line.starts_with("status ")).collect()
}

pub(crate) fn told(host: &FakeHost, begin: &str) -> bool {
    host.story().iter().any(|line| line.starts_with(begin))
}

pub(crate) fn command(center: &Center) -> String {
    center.commands("control-center", "").answer().unwrap()
}

/// Lets time pass, then the timer fire.
pub(crate) fn fire(center: &Center, name: &str, seconds: u64) {
    center.pass(Duration::from_secs(seconds));
    assert_eq!(center.fires(name).answer(), Disposition::Done);
}
