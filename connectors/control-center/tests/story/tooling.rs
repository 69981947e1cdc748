use crate::gateway::*;
use sdk::tools::Error;

fn request(center: &Center, method: &str, params: Value) -> Outcome<Result<Value, Error>> {
    center.calls("control_center_request", json!({ "method": method, "params": params }))
}

fn failed(outcome: &Outcome<Result<Value, Error>>) -> String {
    match outcome.answer() {
        Err(Error::Failed(why)) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn agents_are_listed_with_what_they_do() {
    let host = host();
    let center = connected(&host);
    let answer = center.calls("control_center_list_agents", json!({})).answer().unwrap();
    assert_eq!((&answer["gateway"], &answer["stale"]), (&json!("connected"), &json!(false)));
    assert_eq!(answer["agents"], json!([shown(&host, "agents/main")]));
}

#[test]
fn one_agent_is_shown_with_its_sessions_newest_first() {
    let host = host();
    let center = start(&host);
    let_in(&host, &center);
    let rows: Vec<_> = (0..120).map(|at| row(&format!("s{at}"), at)).collect();
    serve_sessions(&host, &center, &rows);
    let answer = center.calls("control_center_agent", json!({ "id": "main" })).answer().unwrap();
    assert_eq!((&answer["agent"]["sessions"], &answer["moreSessions"]), (&json!(120), &json!(20)));
    assert_eq!(
        (&answer["sessions"][0]["key"], answer["sessions"].as_array().unwrap().len()),
        (&json!("s119"), 100)
    );
}

#[test]
fn an_unknown_agent_is_an_error_that_names_the_known_ones() {
    let host = host();
    let center = connected(&host);
    let why = failed(&center.calls("control_center_agent", json!({ "id": "mian" })));
    assert_eq!(why, "no agent has this id; known agents: main");
}

#[test]
fn a_request_gets_the_gateways_answer() {
    let host = host();
    let center = connected(&host);
    let waiting = request(&center, "usage.status", json!({ "limit": 3 }));
    let asked = sent(&host).remove(0);
    assert_eq!((&asked["method"], &asked["params"]), (&json!("usage.status"), &json!({ "limit": 3 })));
    assert_eq!(waiting.poll(), None);
    answer(&center, &asked, json!({ "sessions": [] }));
    assert_eq!(waiting.answer(), Ok(json!({ "sessions": [] })));
    let waiting = center.calls("control_center_request", json!({ "method": "last-heartbeat" }));
    answer(&center, &sent(&host)[1], json!(null));
    assert_eq!(waiting.answer(), Ok(json!(null)));
}

#[test]
fn many_requests_are_under_way_at_once_and_answered_in_any_order() {
    let host = host();
    let center = connected(&host);
    let waiting: Vec<_> =
        (0..8).map(|at| request(&center, "sessions.resolve", json!({ "key": at }))).collect();
    let asked = sent(&host);
    assert_eq!(asked.len(), 8);
    let why = failed(&request(&center, "health", json!({})));
    assert!(why.contains("8 requests wait"), "{why}");
    for at in [3, 0, 7, 5, 1, 2, 6, 4] {
        answer(&center, &asked[at], json!({ "is": at }));
    }
    for (at, waiting) in waiting.iter().enumerate() {
        assert_eq!(waiting.answer(), Ok(json!({ "is": at })));
    }
    host.forget();
    request(&center, "health", json!({}));
    assert_eq!(sent(&host).len(), 1, "there is room again");
}

#[test]
fn a_method_that_is_not_allowed_is_refused_with_those_that_are() {
    let host = host();
    let center = start_with(&host, json!({ "methods": ["health", "status"] }));
    let_in(&host, &center);
    host.forget();
    for method in ["config.get", "Health", "health ", "chat.send"] {
        let why = failed(&request(&center, method, json!({})));
        assert!(why.ends_with("health, status"), "{why}");
    }
    assert_eq!(sent(&host).len(), 0);
}

#[test]
fn the_gateways_refusal_reaches_the_caller_with_code_and_message() {
    let host = host();
    let center = connected(&host);
    let waiting = request(&center, "channels.status", json!({}));
    answer_with(&center, &sent(&host)[0], &recorded::missing_scope());
    assert_eq!(
        failed(&waiting),
        "channels.status: the gateway refused: FORBIDDEN: missing scope: operator.read (MISSING_SCOPE)"
    );
}

#[test]
fn a_request_that_is_not_answered_in_time_fails_and_a_late_answer_is_a_warning() {
    let host = host();
    let center = connected(&host);
    let waiting = request(&center, "health", json!({}));
    let asked = sent(&host).remove(0);
    fire(&center, "watch", 24);
    assert_eq!(waiting.poll(), None);
    fire(&center, "watch", 1);
    assert_eq!(failed(&waiting), "health: the gateway did not answer within 25 s");
    host.forget();
    answer(&center, &asked, json!({ "ok": true }));
    let [line] = &host.logs()[..] else { panic!("{:?}", host.logs()) };
    assert!(line.starts_with("warn: not expected: an answer to"), "{line}");
}

#[test]
fn a_connection_that_ends_answers_who_waits() {
    let host = host();
    let center = connected(&host);
    let waiting = request(&center, "health", json!({}));
    center.closes(NAME, CloseReason::Unreachable("reset".into()), Some(Duration::from_secs(1))).answer();
    assert!(failed(&waiting).contains("ended before it answered"));
    let why = failed(&request(&center, "health", json!({})));
    assert!(why.starts_with("health: not connected to the gateway (disconnected)"), "{why}");
}

#[test]
fn what_can_not_be_sent_fails_at_once_and_keeps_no_place() {
    let host = host();
    let center = connected(&host);
    for _ in 0..20 {
        host.fail_send(sdk::websocket::Error::NotOpen);
        assert_eq!(
            failed(&request(&center, "health", json!({}))),
            "health: the request could not be sent: not open"
        );
    }
}

#[test]
fn an_answer_that_is_too_large_to_hand_on_says_so() {
    let host = host();
    let center = connected(&host);
    let waiting = request(&center, "models.list", json!({}));
    answer(&center, &sent(&host)[0], json!({ "models": "x".repeat(300 << 10) }));
    assert!(failed(&waiting).contains("ask for less"));
}

#[test]
fn wrong_arguments_are_named_and_nothing_is_sent() {
    let host = host();
    let center = connected(&host);
    for (name, arguments) in [
        ("control_center_list_agents", json!({ "x": 1 })),
        ("control_center_agent", json!({})),
        ("control_center_request", json!({ "method": 5 })),
        ("control_center_request", json!({ "method": "health", "params": [] })),
        ("control_center_request", json!({ "method": "health", "id": 1 })),
    ] {
        let answer = center.calls(name, arguments).answer();
        assert!(matches!(answer, Err(Error::Invalid(_))), "{name}: {answer:?}");
    }
    assert!(matches!(center.calls("other", json!({})).answer(), Err(Error::Failed(_))));
    assert_eq!(sent(&host).len(), 0);
}

#[test]
fn the_command_shows_the_connection() {
    let host = host();
    let center = start(&host);
    assert!(
        command(&center)
            .starts_with("connection: disconnected (stale)\nconnection id: unknown\nprotocol: unknown")
    );
    let_in(&host, &center);
    serve(&host, &center);
    let expected = "connection: connected\nconnection id: a4cc2c0f-f663-4d92-8b32-1480e3307265\nprotocol: 4\n\
                    gateway version: 2026.9.6\nagents known: 1\nsessions known: 1 of 1\n\
                    events seen: 0 (0 of no use here)\ngaps: 0 (0 events lost)\nreconnects: 0\n\
                    unreadable frames: 0\nlast error: none";
    assert_eq!(command(&center), expected);
    assert!(center.commands("other", "").answer().is_err());
}
