use crate::setup::*;
use sdk::websocket::CloseReason;

#[test]
fn it_authenticates_then_is_connected() {
    let host = host();
    let occum = start(&host);
    occum.opens("events").answer();
    occum.receives("events", auth_ok(Some("a1"))).answer();
    let me = format!("GET {API}/agents/me");
    assert_eq!(story(&host), ["status connecting: authenticating", &me, "status connected"]);
}

#[test]
fn not_finding_out_who_we_are_is_a_warning() {
    let host = host();
    host.on("GET */agents/me").answer(500, json!({}));
    let occum = start(&host);
    assert_eq!(occum.opens("events").answer(), Disposition::Done);
    assert_eq!(host.logs()[1], "warn: could not find out who we are: the platform answered 500");
}

#[test]
fn a_login_without_an_agent_id_does_not_forget_the_known_one() {
    let host = host();
    let occum = logged_in(&host);
    occum.receives("events", auth_ok(None)).answer();
    occum.receives("events", agent_said("ev_1", "a1")).answer();
    assert_eq!(story(&host), ["status connected"]);
}

#[test]
fn a_refused_token_ends_it() {
    let host = host();
    let occum = start(&host);
    occum.receives("events", json!({ "type": "auth_error", "message": "bad token" }).to_string()).answer();
    assert!(story(&host)[0].starts_with("status failed: the platform refused the token"));
    assert_eq!(story(&host)[1], "close events");
    assert!(!host.is_subscribed("events"));
}

#[test]
fn a_lost_connection_is_reported() {
    let host = host();
    let occum = start(&host);
    occum.closes("events", CloseReason::Silent, Some(Duration::from_secs(2))).answer();
    occum.closes("events", CloseReason::Refused(403), None).answer();
    assert_eq!(
        story(&host),
        ["status connecting: no pong in time", "status failed: the platform refused the socket with 403"]
    );
}
