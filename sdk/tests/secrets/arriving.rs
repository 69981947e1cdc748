//! What a platform hands out is the host's.

use crate::device::{Device, Seen, answer, device, paired};
use sdk::http::Response;
use sdk::testing::{Driver, FakeHost};
use sdk::{secrets, websocket::Frame};
use serde_json::json;

#[test]
fn a_token_in_an_answer_is_the_hosts_and_can_be_signed_with() {
    let host = FakeHost::new();
    host.on("POST *").answer(200, paired("t0ken-1"));
    let device = device(&host);
    assert!(!secrets::exists("token"));
    let seen = device.answer("POST", "https://hub.test/v1/me/pair");
    assert_eq!(seen[0], paired("[captured]").to_string());
    assert!(secrets::exists("token") && device.signs(&host, "t0ken-1"));
}

#[test]
fn a_token_in_a_frame_is_the_hosts_and_outlives_the_instance() {
    let host = FakeHost::new();
    let first = device(&host);
    let frame = |token: &str| json!({ "type": "paired", "auth": { "token": token } }).to_string();
    assert_eq!(first.frame("agent", frame("t0ken-1")), frame("[captured]").into());
    first.kill();
    let second = device(&host);
    assert!(secrets::exists("token") && second.signs(&host, "t0ken-1"));
    assert_eq!(second.frame("agent", "t0ken-1"), "[redacted]".into());
}

#[test]
fn another_place_hands_out_nothing() {
    let host = FakeHost::new();
    host.on("*").answer(200, paired("t0ken-1"));
    let device = device(&host);
    for (method, url) in [
        ("GET", "https://hub.test/v1/me/pair"),
        ("POST", "https://hub.test/v1/pair"),
        ("POST", "https://evil.test/v1/me/pair"),
    ] {
        assert_eq!(device.answer(method, url)[0], paired("t0ken-1").to_string(), "{method} {url}");
    }
    let frame = |kind: &str| json!({ "type": kind, "auth": { "token": "t0ken-1" } }).to_string();
    for (name, kind) in [("agent", "hello"), ("other", "paired"), ("unknown", "paired")] {
        assert_eq!(device.frame(name, frame(kind)), frame(kind).into(), "{name} {kind}");
    }
    let binary = Frame::Binary(frame("paired").into());
    assert_eq!(device.frame("agent", binary.clone()), binary);
    assert!(!secrets::exists("token"));
}

#[test]
fn rules_are_those_of_the_configuration() {
    let host = FakeHost::new();
    host.on("POST *").answer(200, paired("t0ken-1"));
    let device = Driver::<Device>::start(&host, json!({ "hubUrl": "http://localhost:80/" })).unwrap();
    let elsewhere = device.answer("POST", "https://hub.test/v1/me/pair");
    assert_eq!(elsewhere[0], paired("t0ken-1").to_string());
    let here = device.answer("POST", "http://localhost/v1/me/pair");
    assert_eq!(here[0], paired("[captured]").to_string());
}

#[test]
fn behind_a_redirect_its_url_counts() {
    let host = FakeHost::new();
    let renewed = answer(&[("X-Token", "t0ken-2")], "");
    host.on("*").respond(Response { url: "https://hub.test/v1/renew".into(), ..renewed });
    assert_eq!(device(&host).answer("GET", "https://hub.test/old")[1], "[captured]");
}
