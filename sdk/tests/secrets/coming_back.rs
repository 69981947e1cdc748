//! What the host knows is cut out of what comes back.

use crate::device::{Seen, answer, device, paired};
use sdk::host;
use sdk::http::Request;
use sdk::testing::FakeHost;
use serde_json::json;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

#[test]
fn a_known_value_that_comes_back_is_cut_out_and_so_is_the_one_before() {
    let host = FakeHost::new();
    host.secret_value("token", "t0ken-1").secret_value("pin", "1234").secret("other");
    host.on("*/renew").respond(answer(&[("x-token", "t0ken-2")], ""));
    host.on("*/echo")
        .respond(answer(&[("x-token", "is t0ken-1"), ("Content-Length", "19")], "t0ken-1 t0ken-2 1234"));
    let device = device(&host);
    device.answer("GET", "https://hub.test/v1/renew");
    let seen = device.answer("GET", "https://any.test/echo");
    assert_eq!(seen, json!(["[redacted] [redacted] 1234", "is [redacted]", "26"]));
    assert_eq!(device.frame("unknown", "a t0ken-2"), "a [redacted]".into());
    assert_eq!(device.frame("agent", b"\xfft0ken-2".to_vec()), b"\xff[redacted]".to_vec().into());
}

#[test]
fn what_arrives_twice_in_one_answer_is_cut_out_of_the_rest() {
    let host = FakeHost::new();
    let body = json!({ "type": "paired", "token": "t0ken-1", "say": "it is t0ken-1" });
    let length = [("content-length", "9")];
    host.on("*").respond(answer(&length, &body.to_string()));
    let seen = device(&host).answer("POST", "https://hub.test/v1/me/pair");
    let clean = json!({ "type": "paired", "token": "[captured]", "say": "it is [redacted]" }).to_string();
    assert_eq!(seen, json!([clean, null, clean.len().to_string()]));
}

#[test]
fn without_a_driver_nothing_arrives() {
    let host = FakeHost::new();
    host::install(Rc::new(host.clone()));
    host.on("*").answer(200, paired("t0ken-1"));
    let send = || {
        pin!(Request::post("https://hub.test/v1/me/pair").send())
            .poll(&mut Context::from_waker(Waker::noop()))
    };
    let Poll::Ready(Ok(seen)) = send() else { panic!() };
    assert_eq!(seen.text(), paired("t0ken-1").to_string());
    host.secret_value("token", "t0ken-1");
    let Poll::Ready(Ok(seen)) = send() else { panic!() };
    assert_eq!(seen.text(), paired("[redacted]").to_string());
}
