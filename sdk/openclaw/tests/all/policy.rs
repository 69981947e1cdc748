//! The table of refusals and closes, with the refusals as a real gateway sent them.

use crate::recorded;
use openclaw::frame::{Frame, Problem};
use openclaw::policy::{Backoff, Next, after};
use serde_json::json;
use std::time::Duration;

fn again() -> Next {
    Next::Reconnect { after: None }
}

fn is_stop(next: &Next) -> bool {
    matches!(next, Next::Stop { .. })
}

/// Every refused connect in a recording.
fn refusals(name: &str) -> Vec<Problem> {
    let lines = recorded::lines(name);
    let connects: Vec<_> =
        lines.iter().filter(|line| line.frame["method"] == "connect").map(|line| &line.frame["id"]).collect();
    let answers =
        lines.iter().filter(|line| line.direction == "recv" && connects.contains(&&line.frame["id"]));
    answers
        .filter_map(|line| match Frame::read(&line.frame.to_string()) {
            Ok(Frame::Response(response)) => response.result.err(),
            other => panic!("{other:?}"),
        })
        .collect()
}

#[test]
fn a_close_without_a_refusal() {
    for code in [
        None,
        Some(1000),
        Some(1001),
        Some(1005),
        Some(1006),
        Some(1009),
        Some(1011),
        Some(1012),
        Some(1013),
        Some(4000),
        Some(4999),
        Some(1002),
    ] {
        assert_eq!(after(None, code, ""), again(), "{code:?}");
    }
    assert_eq!(after(None, Some(1012), "service restart"), again());
    assert_eq!(after(None, Some(1008), "slow consumer"), again());
    assert_eq!(after(None, Some(4001), "device removed"), Next::Reauthenticate);
    assert!(is_stop(&after(None, Some(1002), "protocol mismatch")));
    assert!(is_stop(&after(None, Some(1008), "repeated unauthorized calls")));
    assert!(is_stop(&after(None, Some(1008), "")));
    let waiting = after(None, Some(1008), "pairing required: device is not approved yet");
    assert!(matches!(waiting, Next::AwaitApproval { request_id: None, .. }), "{waiting:?}");
}

#[test]
fn every_recorded_refusal_of_a_handshake() {
    for problem in refusals("handshake.jsonl") {
        let next = after(Some(&problem), Some(1008), &problem.message);
        match problem.detail_code() {
            Some("DEVICE_AUTH_SIGNATURE_EXPIRED" | "DEVICE_AUTH_NONCE_MISMATCH") => assert_eq!(next, again()),
            _ => assert!(is_stop(&next), "{problem:?}: {next:?}"),
        }
    }
    assert!(refusals("handshake.jsonl").len() >= 8);
}

#[test]
fn a_device_token_that_is_no_longer_good_is_forgotten() {
    let all = refusals("deviceToken.jsonl");
    let nexts: Vec<_> = all.iter().map(|problem| after(Some(problem), Some(1008), "")).collect();
    assert_eq!(nexts[..2], [Next::ForgetDeviceToken, Next::ForgetDeviceToken]);
    let Next::AwaitApproval { request_id, device_id, reason } = &nexts[2] else { panic!("{nexts:?}") };
    assert_eq!(
        (request_id.is_some(), device_id.is_some(), reason.as_str()),
        (true, true, "metadata-upgrade")
    );
}

#[test]
fn pairing_waits_for_an_operator_with_the_request_at_hand() {
    let reasons: Vec<_> = refusals("pairing.jsonl")
        .iter()
        .filter_map(|problem| match after(Some(problem), Some(1008), "") {
            Next::AwaitApproval { request_id: Some(_), device_id: Some(_), reason } => Some(reason),
            _ => None,
        })
        .collect();
    for reason in ["not-paired", "scope-upgrade", "role-upgrade"] {
        assert!(reasons.iter().any(|seen| seen == reason), "{reasons:?}");
    }
}

#[test]
fn a_gateway_that_asks_for_time_gets_it() {
    let all = refusals("rateLimit.jsonl");
    let limited = all.iter().find(|problem| problem.detail_code() == Some("AUTH_RATE_LIMITED")).unwrap();
    assert_eq!(
        after(Some(limited), Some(1008), ""),
        Next::Reconnect { after: Some(Duration::from_millis(4934)) }
    );
    let starting = refusals("startup.jsonl").remove(0);
    assert_eq!(starting.reason(), Some("startup-sidecars"));
    assert_eq!(
        after(Some(&starting), Some(1013), ""),
        Next::Reconnect { after: Some(Duration::from_millis(500)) }
    );
}

#[test]
fn a_wrong_shared_token_stops_and_an_unknown_code_does_not() {
    let problem =
        |code: &str, detail: &str| Problem::read(&json!({ "code": code, "details": { "code": detail } }));
    assert!(is_stop(&after(Some(&problem("INVALID_REQUEST", "AUTH_TOKEN_MISMATCH")), None, "")));
    assert!(is_stop(&after(Some(&problem("INVALID_REQUEST", "PROTOCOL_MISMATCH")), Some(1002), "")));
    assert_eq!(after(Some(&problem("NEW", "NEWER")), None, ""), again());
    assert_eq!(after(Some(&problem("NEW", "NEWER")), Some(1012), ""), again());
    assert_eq!(after(Some(&problem("UNAVAILABLE", "NEWER")), Some(1008), ""), again());
    assert!(is_stop(&after(Some(&Problem::read(&json!({ "code": "INVALID_REQUEST" }))), None, "")));
}

#[test]
fn the_waits_grow_to_half_a_minute_and_start_anew_after_a_hello() {
    let mut backoff = Backoff::new();
    let waits: Vec<_> = (0..8).map(|_| backoff.next().as_secs()).collect();
    assert_eq!(waits, [1, 2, 4, 8, 16, 30, 30, 30]);
    backoff.reset();
    assert_eq!(backoff.next().as_secs(), 1);
}
