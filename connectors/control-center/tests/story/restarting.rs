use crate::gateway::*;

/// Connected with two sessions, saved; then the instance dies.
fn died(host: &FakeHost) {
    let center = start(host);
    let_in(host, &center);
    serve_sessions(host, &center, &[row("a", 1), row("b", 2)]);
    fire(&center, "keep", 1);
    center.kill();
    host.forget();
}

#[test]
fn a_new_instance_shows_what_the_store_has_as_stale_until_it_knows_better() {
    let host = host();
    died(&host);
    let center = start(&host);
    let gateway = shown(&host, "gateway");
    assert_eq!(
        (&gateway["stale"], &gateway["state"], &gateway["sessions"]),
        (&json!(true), &json!("unknown"), &json!(2))
    );
    assert_eq!(gateway["version"], "2026.9.6");
    assert_eq!(shown_keys(&host, "sessions/"), ["a", "b"]);
    assert!(statuses(&host).is_empty(), "the last report stays");
    fire(&center, "watch", 1);
    assert_eq!(asked(&host).len(), 5);
    serve_sessions(&host, &center, &[row("b", 3)]);
    assert_eq!(shown_keys(&host, "sessions/"), ["b"]);
    let gateway = shown(&host, "gateway");
    assert_eq!((&gateway["stale"], &gateway["state"]), (&json!(false), &json!("connected")));
    fire(&center, "keep", 1);
    assert_eq!(host.kept("sessions/a"), None);
}

#[test]
fn what_an_earlier_life_published_and_the_store_does_not_know_is_removed() {
    let host = host();
    died(&host);
    sdk::publish::set("sessions/old", &json!({})).unwrap();
    sdk::publish::set("nonsense", &json!({})).unwrap();
    start(&host);
    assert_eq!(shown_keys(&host, "sessions/"), ["a", "b"]);
    assert_eq!(shown(&host, "nonsense"), json!(null));
}

#[test]
fn the_first_event_shows_that_the_connection_is_still_there() {
    let host = host();
    died(&host);
    let center = start(&host);
    let events = Events::new();
    events.lose(500);
    events.happens(&center, &recorded::events("presence")[0]);
    assert_eq!(asked(&host).len(), 5);
    assert!(command(&center).contains("gaps: 0"), "what happened before it lived is no gap");
    serve(&host, &center);
    assert_eq!(shown(&host, "gateway")["state"], "connected");
    events.lose(1);
    events.happens(&center, &recorded::events("presence")[1]);
    assert!(command(&center).contains("gaps: 1"));
}

#[test]
fn a_tool_that_wakes_a_new_instance_is_served() {
    let host = host();
    died(&host);
    let center = start(&host);
    let waiting = center.calls("control_center_request", json!({ "method": "status" }));
    let status = sent(&host).remove(0);
    host.forget();
    answer(&center, &status, json!({ "ok": 1 }));
    assert_eq!(waiting.answer(), Ok(json!({ "ok": 1 })));
    assert_eq!(asked(&host).len(), 5, "it is connected, and the picture is old");
}

#[test]
fn no_request_of_an_earlier_life_has_the_number_of_a_new_one() {
    let host = host();
    died(&host);
    let first = start(&host);
    fire(&first, "watch", 1);
    let old = sent(&host);
    first.kill();
    host.forget();
    let second = start(&host);
    second.pass(Duration::from_millis(10));
    second.fires("watch").answer();
    let new = sent(&host);
    assert!(new.iter().all(|new| old.iter().all(|old| old["id"] != new["id"])));
}

#[test]
fn with_the_socket_gone_it_waits_for_the_next_opening() {
    let host = host();
    died(&host);
    let center = start(&host);
    for _ in 0..5 {
        host.fail_send(sdk::websocket::Error::NotOpen);
    }
    fire(&center, "watch", 1);
    assert_eq!(shown(&host, "gateway")["stale"], json!(true));
    let_in(&host, &center);
    assert_eq!(asked(&host).len(), 5);
    serve(&host, &center);
    assert_eq!(shown(&host, "gateway")["state"], "connected");
}

#[test]
fn a_connection_whose_login_the_last_instance_took_with_it_is_made_anew() {
    let host = host();
    let center = start(&host);
    login(&host, &center);
    center.kill();
    host.forget();
    let center = start(&host);
    fire(&center, "watch", 1);
    assert!(told(&host, "reconnect gateway"));
}

#[test]
fn a_store_that_holds_nonsense_is_tidied_up() {
    let host = host();
    host.keep("connection", "5").keep("agents/x", "no json").keep("sessions/a", r#"{"key":"b"}"#);
    host.keep("presence/~", r#"{"id":[]}"#).keep("agents/main", r#"{"id":"main"}"#);
    let center = start(&host);
    assert_eq!(shown_keys(&host, "agents/"), ["main"]);
    assert!(shown_keys(&host, "sessions/").is_empty() && shown_keys(&host, "presence/").is_empty());
    fire(&center, "keep", 1);
    for key in ["agents/x", "sessions/a", "presence/~"] {
        assert_eq!(host.kept(key), None, "{key}");
    }
}

#[test]
fn fewer_sessions_are_shown_when_fewer_are_wanted() {
    let host = host();
    died(&host);
    start_with(&host, json!({ "sessions": 1 }));
    assert_eq!(shown_keys(&host, "sessions/"), ["b"]);
}

#[test]
fn a_store_that_does_not_answer_is_not_an_empty_one() {
    let host = host();
    host.fail_read(sdk::store::Error::Unavailable("disk".into()));
    let Err(error) = Driver::<ControlCenter>::start(&host, json!({})) else { panic!() };
    assert_eq!(error, sdk::StartError::Unavailable("store: unavailable: disk".into()));
    assert!(!host.is_subscribed(NAME));
}

#[test]
fn stopping_saves_what_was_not_saved() {
    let host = host();
    let center = connected(&host);
    center.stop(sdk::StopReason::Shutdown).answer();
    assert!(host.kept("agents/main").is_some());
}
