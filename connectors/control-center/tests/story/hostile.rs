use crate::gateway::*;

/// Every value of a frame, one after the other, replaced by each of these.
fn wrong() -> [Value; 7] {
    [json!(null), json!(-1), json!(1.5e300), json!("\u{0}"), json!([[]]), json!({ "key": {} }), json!(true)]
}

fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    let name = |key: &str| key.replace('~', "~0").replace('/', "~1");
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(key, value)| pointers(value, &format!("{at}/{}", name(key)), found))
        }
        Value::Array(rows) => rows
            .iter()
            .take(2)
            .enumerate()
            .for_each(|(key, value)| pointers(value, &format!("{at}/{key}"), found)),
        _ => {}
    }
}

#[test]
fn no_frame_with_something_else_in_it_ends_the_connector() {
    let mut frames = recorded::all();
    frames.truncate(16);
    frames.push(recorded::events("sessions.changed").remove(0));
    for method in ["agents.list", "sessions.list", "system-presence", "health"] {
        frames.push(json!({ "type": "res", "ok": true, "payload": recorded::answer(method) }));
    }
    for frame in frames {
        let host = host();
        let center = connected(&host);
        let mut found = Vec::new();
        pointers(&frame, "", &mut found);
        for (at, wrong) in found.iter().take(40).flat_map(|at| wrong().map(|wrong| (at, wrong))) {
            let mut bad = frame.clone();
            *bad.pointer_mut(at).unwrap() = wrong;
            if bad["type"] == "res" && bad["id"].is_null() {
                host.forget();
                center.calls("control_center_request", json!({ "method": "health" }));
                if let Some(asked) = sent(&host).pop() {
                    bad["id"] = asked["id"].clone();
                }
            }
            host.forget();
            assert_eq!(center.receives(NAME, bad.to_string()).poll(), Some(Disposition::Done));
        }
    }
}

#[test]
fn garbage_is_counted_and_nothing_more() {
    let host = host();
    let center = connected(&host);
    for garbage in [
        "",
        "{",
        "5",
        "[]",
        "null",
        "\u{0}",
        "{\"type\":\"event\"}",
        "{\"type\":\"res\"}",
        "{\"type\":\"res\",\"id\":{}}",
    ] {
        assert_eq!(center.receives(NAME, garbage).answer(), Disposition::Done);
    }
    center.receives(NAME, vec![0xff, 0xfe]).answer();
    center.receives(NAME, "[".repeat(100_000)).answer();
    center.receives(NAME, "x".repeat(2 << 20)).answer();
    center.receives(NAME, r#"{"type":"hello"}"#).answer();
    assert!(command(&center).contains("unreadable frames: 12"), "{}", command(&center));
    assert!(host.logs().iter().all(|line| line.len() < 500));
    assert!(host.logs().iter().any(|line| line.starts_with("warn: not expected: frame of type")));
    assert_eq!(shown(&host, "gateway")["state"], "connected");
}

#[test]
fn frames_before_the_login_change_nothing() {
    let host = host();
    let center = start(&host);
    center.opens(NAME).answer();
    for event in ["sessions.changed", "presence"] {
        recorded::events(event).iter().for_each(|event| hear(&center, event));
    }
    hear(&center, &recorded::hello(DEVICE_TOKEN));
    assert!(shown_keys(&host, "sessions/").is_empty() && shown_keys(&host, "presence/").is_empty());
    assert_eq!(shown(&host, "gateway")["state"], "connecting");
}

#[test]
fn a_second_challenge_is_not_signed() {
    let host = host();
    let center = connected(&host);
    hear(&center, &recorded::challenge());
    assert!(!told(&host, "sign ") && sent(&host).is_empty());
    let login = login(&host, &center);
    host.forget();
    hear(&center, &recorded::challenge());
    assert!(!told(&host, "sign ") && sent(&host).is_empty());
    answer_with(&center, &login, &recorded::hello(DEVICE_TOKEN));
    assert_eq!(statuses(&host), ["status connected"]);
}

#[test]
fn a_challenge_that_would_change_what_is_signed_is_not_signed() {
    let host = host();
    let center = start(&host);
    center.opens(NAME).answer();
    for nonce in ["a|b", "", "a\nb"] {
        hear(
            &center,
            &json!({ "type": "event", "event": "connect.challenge", "payload": { "nonce": nonce, "ts": 1 } }),
        );
    }
    assert!(!told(&host, "sign "));
}

#[test]
fn ten_thousand_sessions_and_agents_and_devices_are_no_more_than_are_shown() {
    let host = host();
    let center = start_with(&host, json!({ "sessions": 500 }));
    let_in(&host, &center);
    serve_with(&host, &center, |request| match request["method"].as_str().unwrap() {
        "sessions.list" => {
            let rows: Vec<_> = (0..10_000).map(|at| row(&format!("agent:a{at}:x"), at)).collect();
            json!({ "sessions": rows, "hasMore": true, "nextOffset": u64::MAX })
        }
        "agents.list" => {
            json!({ "agents": (0..10_000).map(|at| json!({ "id": format!("a{at}") })).collect::<Vec<_>>() })
        }
        "system-presence" => {
            json!((0..10_000).map(|at| json!({ "deviceId": format!("d{at}"), "ts": at })).collect::<Vec<_>>())
        }
        other => recorded::answer(other),
    });
    let events = Events::new();
    for at in 0..1000 {
        let session =
            json!({ "key": format!("more{at}"), "agentId": format!("b{at}"), "updatedAt": 20_000 + at });
        events.happens(
            &center,
            &json!({ "type": "event", "event": "sessions.changed", "payload": { "session": session } }),
        );
    }
    let keys = shown_keys(&host, "sessions/");
    assert_eq!(keys.len(), 500);
    assert!(keys.contains(&"more999".to_owned()) && !keys.contains(&"more0".to_owned()));
    assert_eq!((shown_keys(&host, "agents/").len(), shown_keys(&host, "presence/").len()), (200, 200));
    fire(&center, "keep", 1);
    assert!(host.kept("sessions/more999").is_some() && host.kept("sessions/more0").is_none());
}

#[test]
fn keys_that_can_not_be_published_as_they_are_do_not_meet() {
    let host = host();
    let center = start(&host);
    let_in(&host, &center);
    let (long, longer, odd) = ("k".repeat(511), "k".repeat(512), "a\nb".to_owned());
    serve_sessions(&host, &center, &[row(&long, 1), row(&longer, 2), row(&odd, 3), row(&"k".repeat(513), 4)]);
    let keys = shown_keys(&host, "sessions/");
    assert_eq!(keys.len(), 3);
    assert!(keys.iter().all(|key| key.starts_with('~') && key.len() == 33), "{keys:?}");
    fire(&center, "keep", 1);
    center.kill();
    start(&host);
    assert_eq!(shown_keys(&host, "sessions/"), keys);
}
