use crate::gateway::*;

const SUBJECT: &str = "sessions/agent:main:study-sub-1795200983507";

fn changed(payload: Value) -> Value {
    json!({ "type": "event", "event": "sessions.changed", "payload": payload })
}

#[test]
fn a_session_is_followed_from_its_beginning_to_its_end() {
    let host = host();
    let center = connected(&host);
    let events = Events::new();
    let seen: Vec<_> = recorded::events("sessions.changed")
        .iter()
        .map(|event| {
            events.happens(&center, event);
            let session = shown(&host, SUBJECT);
            (
                session["status"].as_str().unwrap().to_owned(),
                shown(&host, "agents/main")["running"].as_u64().unwrap(),
            )
        })
        .collect();
    assert_eq!(seen.first().unwrap(), &("running".to_owned(), 1));
    assert_eq!(seen.last().unwrap(), &("done".to_owned(), 0));
    assert!(!told(&host, "gateway < "), "nothing had to be asked");
    assert_eq!(shown(&host, "agents/main")["sessions"], 2);
}

#[test]
fn presence_is_followed_and_who_left_is_removed() {
    let host = host();
    let center = connected(&host);
    let events = Events::new();
    events.happens(&center, &recorded::events("presence")[0]);
    let keys = shown_keys(&host, "presence/");
    assert_eq!(keys.len(), 2, "{keys:?}");
    events.happens(&center, &json!({ "type": "event", "event": "presence", "payload": { "presence": [] } }));
    assert!(shown_keys(&host, "presence/").is_empty());
    fire(&center, "keep", 1);
    assert_eq!(host.kept(&format!("presence/{}", keys[0])), None);
}

#[test]
fn a_deleted_session_is_removed_unless_another_took_its_place() {
    let host = host();
    let center = start(&host);
    let_in(&host, &center);
    serve_sessions(&host, &center, &[row("a", 1), row("b", 2)]);
    let events = Events::new();
    let deleted =
        |key: &str, id: &str| changed(json!({ "sessionKey": key, "sessionId": id, "reason": "delete" }));
    events.happens(&center, &deleted("a", "id of a"));
    assert_eq!(shown_keys(&host, "sessions/"), ["b"]);
    assert!(!told(&host, "timer watch"));
    events.happens(&center, &deleted("b", "an older id"));
    assert_eq!(shown_keys(&host, "sessions/"), ["b"]);
    fire(&center, "watch", 1);
    assert_eq!(asked(&host), ["sessions.list"], "it was not sure");
}

#[test]
fn an_archived_session_is_not_shown() {
    let host = host();
    let center = start(&host);
    let_in(&host, &center);
    serve_sessions(&host, &center, &[row("a", 1)]);
    let mut archived = row("a", 2);
    archived["archived"] = true.into();
    Events::new().happens(&center, &changed(json!({ "sessionKey": "a", "session": archived })));
    assert!(shown_keys(&host, "sessions/").is_empty());
}

#[test]
fn a_change_that_says_nothing_has_the_list_read_once_however_often_it_comes() {
    let host = host();
    let center = connected(&host);
    let events = Events::new();
    for _ in 0..50 {
        events.happens(&center, &changed(json!({ "reason": "cron-bindings-loaded" })));
    }
    assert_eq!(asked(&host), [""; 0]);
    fire(&center, "watch", 1);
    assert_eq!(asked(&host), ["sessions.list"]);
    serve_sessions(&host, &center, &[row("new", 5)]);
    assert_eq!(shown_keys(&host, "sessions/"), ["new"]);
}

#[test]
fn what_happens_while_the_list_is_read_is_not_undone_by_it() {
    let host = host();
    let center = start(&host);
    let_in(&host, &center);
    let events = Events::new();
    events.happens(&center, &changed(json!({ "session": row("a", 9) })));
    serve_sessions(&host, &center, &[row("a", 1)]);
    assert_eq!(shown(&host, "sessions/a")["updatedAt"], 9);
}

#[test]
fn a_gap_has_everything_asked_for_again() {
    let host = host();
    let center = start(&host);
    let_in(&host, &center);
    serve_sessions(&host, &center, &[row("a", 1), row("b", 1)]);
    let events = Events::new();
    let tick = json!({ "type": "event", "event": "tick", "payload": { "ts": 1 } });
    events.happens(&center, &tick);
    assert_eq!(asked(&host), [""; 0]);
    events.lose(3);
    events.happens(&center, &tick);
    assert_eq!(asked(&host).len(), 5);
    assert_eq!(shown(&host, "gateway")["stale"], json!(true));
    serve_sessions(&host, &center, &[row("b", 2)]);
    assert_eq!(shown_keys(&host, "sessions/"), ["b"]);
    assert_eq!(shown(&host, "gateway")["stale"], json!(false));
    assert!(command(&center).contains("gaps: 1 (3 events lost)"));
}

#[test]
fn a_gap_during_a_refresh_has_one_more_follow() {
    let host = host();
    let center = start(&host);
    let_in(&host, &center);
    let first = sent(&host);
    host.forget();
    let events = Events::new();
    events.lose(1);
    events.happens(&center, &recorded::events("presence")[0]);
    events.lose(1);
    events.happens(&center, &recorded::events("presence")[0]);
    assert_eq!(asked(&host), [""; 0]);
    first
        .iter()
        .for_each(|request| answer(&center, request, recorded::answer(request["method"].as_str().unwrap())));
    assert_eq!(asked(&host).len(), 5);
    assert_eq!(shown(&host, "gateway")["stale"], json!(true));
    serve(&host, &center);
    assert_eq!(shown(&host, "gateway")["stale"], json!(false));
}

#[test]
fn after_a_reconnect_what_is_gone_is_removed() {
    let host = host();
    let center = start(&host);
    let_in(&host, &center);
    serve_sessions(&host, &center, &[row("a", 1), row("b", 1)]);
    center
        .closes(NAME, CloseReason::Peer(Some(1012), "service restart".into()), Some(Duration::from_secs(1)))
        .answer();
    let gateway = shown(&host, "gateway");
    assert_eq!((&gateway["state"], &gateway["stale"]), (&json!("disconnected"), &json!(true)));
    assert_eq!(shown_keys(&host, "sessions/"), ["a", "b"], "they may still be there");
    let_in(&host, &center);
    assert_eq!(asked(&host).len(), 5);
    serve_with(&host, &center, |request| match request["method"].as_str().unwrap() {
        "sessions.list" => sessions(&[row("b", 2)]),
        "agents.list" => json!({ "agents": [{ "id": "other" }] }),
        other => recorded::answer(other),
    });
    assert_eq!(shown_keys(&host, "sessions/"), ["b"]);
    assert_eq!(shown_keys(&host, "agents/"), ["other"]);
    assert!(command(&center).contains("reconnects: 1"));
}

#[test]
fn health_that_names_another_agent_has_them_listed_anew() {
    let host = host();
    let center = connected(&host);
    let health = json!({ "ok": true, "agents": [{ "agentId": "main" }, { "agentId": "second" }] });
    Events::new().happens(&center, &json!({ "type": "event", "event": "health", "payload": health }));
    fire(&center, "watch", 1);
    assert_eq!(asked(&host), ["agents.list"]);
}

#[test]
fn events_that_nobody_uses_are_counted_and_said_once() {
    let host = host();
    let center = connected(&host);
    let events = Events::new();
    for _ in 0..3 {
        events.happens(&center, &json!({ "type": "event", "event": "voicewake.changed", "payload": 5 }));
    }
    assert!(command(&center).contains("events seen: 3 (3 of no use here)"));
    assert_eq!(host.logs(), ["debug: events of this name are not used event=voicewake.changed"]);
}
