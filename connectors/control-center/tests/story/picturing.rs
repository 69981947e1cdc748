use crate::gateway::*;

#[test]
fn the_picture_is_what_the_gateway_told() {
    let host = host();
    let center = start(&host);
    let_in(&host, &center);
    serve_with(&host, &center, |request| match request["method"].as_str().unwrap() {
        "sessions.list" => {
            let mut list = recorded::list();
            list["hasMore"] = false.into();
            list
        }
        other => recorded::answer(other),
    });
    let agent = shown(&host, "agents/main");
    assert_eq!(
        (&agent["id"], &agent["isDefault"], &agent["model"]),
        (&json!("main"), &json!(true), &json!("fake/echo-1"))
    );
    assert_eq!((&agent["sessions"], &agent["running"]), (&json!(5), &json!(1)));
    let key = "agent:main:study-tool-1795200979221";
    let session = shown(&host, &format!("sessions/{key}"));
    assert_eq!(
        (&session["key"], &session["agent"], &session["status"]),
        (&json!(key), &json!("main"), &json!("done"))
    );
    assert_eq!((&session["model"], &session["running"]), (&json!("fake/echo-1"), &json!(false)));
    let gateway = shown(&host, "gateway");
    assert_eq!(
        (&gateway["agents"], &gateway["sessions"], &gateway["sessionsTotal"]),
        (&json!(1), &json!(5), &json!(7))
    );
    assert_eq!((&gateway["health"]["ok"], &gateway["defaultAgent"]), (&json!(true), &json!("main")));
    assert_eq!(gateway["presence"], json!(shown_keys(&host, "presence/").len()));
    let device = shown(&host, "presence/f31f5d967197f8859f3fb184cee0857fd4c36bf520b4389b1cbc6b4e1b14ab04");
    assert_eq!((&device["client"], &device["online"]), (&json!("test"), &json!(true)));
    let other = shown(&host, "presence/fdf72a088f18f7399e8c52bce448441501f759a595a86980e5d9a422a01e5d55");
    assert_eq!(other["online"], json!(false));
    let longest = host.published().values().map(|value| value.to_string().len()).max().unwrap();
    assert!(longest < 1024, "{longest}");
}

#[test]
fn what_people_wrote_and_where_they_are_is_not_published() {
    let host = host();
    let center = connected(&host);
    let events = Events::new();
    for name in ["presence", "sessions.changed", "session.message", "chat", "agent"] {
        recorded::events(name).iter().for_each(|event| events.happens(&center, event));
    }
    let all = format!("{:?} {:?}", host.published(), host.logs());
    for secret in ["sub-42", "192.0.2.2", "gateway-owner", DEVICE_TOKEN] {
        assert!(!all.contains(secret), "{secret}");
    }
}

#[test]
fn only_so_many_sessions_are_asked_for_and_shown_newest_first() {
    let host = host();
    let center = start_with(&host, json!({ "sessions": 70 }));
    let_in(&host, &center);
    let asked = std::cell::RefCell::new(Vec::new());
    serve_with(&host, &center, |request| match request["method"].as_str().unwrap() {
        "sessions.list" => {
            asked.borrow_mut().push(request["params"].clone());
            let from = request["params"]["offset"].as_u64().unwrap_or(0);
            let rows: Vec<_> = (from..from + 50).map(|at| row(&format!("s{at}"), 10_000 - at)).collect();
            json!({ "sessions": rows, "hasMore": true, "nextOffset": from + 50, "totalCount": 1000 })
        }
        other => recorded::answer(other),
    });
    assert_eq!(*asked.borrow(), [json!({ "limit": 50 }), json!({ "limit": 50, "offset": 50 })]);
    let keys = shown_keys(&host, "sessions/");
    assert_eq!(keys.len(), 70);
    assert!(keys.contains(&"s69".to_owned()) && !keys.contains(&"s70".to_owned()));
    assert!(command(&center).contains("sessions known: 70 of 1000"));
}

#[test]
fn a_gateway_that_does_not_list_its_agents_tells_of_them_by_their_sessions() {
    let host = host();
    let center = start(&host);
    let_in(&host, &center);
    let requests = sent(&host);
    answer_with(&center, &requests[1], &recorded::missing_scope());
    answer(&center, &requests[2], sessions(&[row("a", 1)]));
    assert_eq!(shown_keys(&host, "agents/"), ["main"]);
    assert_eq!(shown(&host, "agents/main")["sessions"], 1);
}

#[test]
fn with_no_sessions_to_show_none_are_asked_for() {
    let host = host();
    let center = start_with(&host, json!({ "sessions": 0 }));
    let_in(&host, &center);
    assert_eq!(asked(&host), ["agents.list", "system-presence", "health"]);
    serve(&host, &center);
    Events::new().happens(&center, &recorded::events("sessions.changed")[0]);
    assert!(shown_keys(&host, "sessions/").is_empty());
}

#[test]
fn it_is_saved_a_moment_later_in_small_commits_of_what_changed() {
    let host = host();
    let center = start(&host);
    let_in(&host, &center);
    let rows: Vec<_> = (0..100).map(|at| row(&format!("s{at}"), at)).collect();
    serve_sessions(&host, &center, &rows);
    assert!(host.has_timer("keep") && host.kept("sessions/s0").is_none());
    fire(&center, "keep", 1);
    let sizes = |host: &FakeHost| -> Vec<usize> {
        let size = |call| if let Call::StoreCommit(changes) = call { Some(changes.len()) } else { None };
        host.calls().into_iter().filter_map(size).collect()
    };
    assert_eq!(sizes(&host)[0], 64);
    assert!(sizes(&host).iter().all(|size| *size <= 64));
    assert!(host.kept("sessions/s0").is_some() && host.kept("agents/main").is_some());
    host.forget();
    Events::new().happens(
        &center,
        &json!({ "type": "event", "event": "sessions.changed", "payload": { "session": row("s5", 500) } }),
    );
    fire(&center, "keep", 1);
    assert_eq!(sizes(&host), [2], "the session and its agent");
}

#[test]
fn what_can_not_be_saved_is_saved_later() {
    let host = host();
    let center = connected(&host);
    host.fail_commit(sdk::store::Error::Unavailable("disk".into()));
    fire(&center, "keep", 1);
    assert!(host.kept("agents/main").is_none() && host.has_timer("keep"));
    fire(&center, "keep", 10);
    assert!(host.kept("agents/main").is_some());
}

#[test]
fn what_does_not_fit_is_published_when_there_is_room() {
    let host = host();
    let center = connected(&host);
    let events = Events::new();
    let changed =
        |row: Value| json!({ "type": "event", "event": "sessions.changed", "payload": { "session": row } });
    host.fail_publish(sdk::publish::Error::Quota);
    events.happens(&center, &changed(json!({ "key": "big", "agentId": "", "updatedAt": 1 })));
    assert_eq!(shown(&host, "sessions/big"), json!(null));
    assert!(shown(&host, "gateway")["lastError"].as_str().unwrap().contains("sessions/big"));
    events.happens(&center, &json!({ "type": "event", "event": "presence", "payload": { "presence": [] } }));
    assert_eq!(shown(&host, "sessions/big")["key"], "big");
}
