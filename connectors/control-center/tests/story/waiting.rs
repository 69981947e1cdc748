use crate::gateway::*;

#[test]
fn a_gateway_that_does_not_challenge_is_dialled_anew() {
    let host = host();
    let center = start(&host);
    center.opens(NAME).answer();
    assert!(told(&host, "timer watch after 10s"), "{:?}", host.story());
    host.forget();
    fire(&center, "watch", 10);
    assert!(told(&host, "reconnect gateway"));
    assert!(command(&center).contains("last error: no challenge within 10 s"));
}

#[test]
fn a_gateway_that_does_not_answer_the_login_is_dialled_anew() {
    let host = host();
    let center = start(&host);
    login(&host, &center);
    center.pass(Duration::from_secs(5));
    center.fires("watch").answer();
    assert!(!told(&host, "reconnect gateway"), "its time has not come");
    fire(&center, "watch", 10);
    assert!(told(&host, "reconnect gateway"));
}

#[test]
fn a_gateway_that_is_silent_for_two_of_its_ticks_is_dialled_anew() {
    let host = host();
    let center = connected(&host);
    fire(&center, "watch", 59);
    assert!(!told(&host, "reconnect gateway"));
    hear(&center, &json!({ "type": "event", "event": "tick", "payload": { "ts": 1 }, "seq": 1 }));
    fire(&center, "watch", 59);
    assert!(!told(&host, "reconnect gateway"));
    assert!(host.has_timer("watch"));
    fire(&center, "watch", 1);
    assert!(told(&host, "reconnect gateway"));
    assert!(told(&host, "status connecting: the gateway was silent"));
}

#[test]
fn a_part_of_the_picture_that_is_not_answered_is_asked_for_again() {
    let host = host();
    let center = start(&host);
    let_in(&host, &center);
    let requests = sent(&host);
    for request in requests.iter().filter(|request| request["method"] != "agents.list") {
        answer(&center, request, recorded::answer(request["method"].as_str().unwrap()));
    }
    host.forget();
    fire(&center, "watch", 25);
    assert_eq!(shown(&host, "gateway")["stale"], json!(true));
    fire(&center, "watch", 30);
    assert_eq!(asked(&host), ["agents.list"]);
    serve(&host, &center);
    assert_eq!(shown(&host, "gateway")["stale"], json!(false));
}

#[test]
fn a_gateway_that_is_busy_is_asked_again_when_it_says() {
    let host = host();
    let center = start(&host);
    let_in(&host, &center);
    let requests = sent(&host);
    host.forget();
    let busy = json!({ "code": "UNAVAILABLE", "message": "busy", "retryable": true, "retryAfterMs": 2000 });
    answer_with(&center, &requests[1], &json!({ "type": "res", "ok": false, "error": busy }));
    fire(&center, "watch", 2);
    assert_eq!(asked(&host), ["agents.list"]);
}

#[test]
fn a_part_that_the_gateway_will_not_tell_is_said() {
    let host = host();
    let center = start(&host);
    let_in(&host, &center);
    let requests = sent(&host);
    host.forget();
    for request in &requests {
        match request["method"].as_str().unwrap() {
            "system-presence" => answer_with(&center, request, &recorded::missing_scope()),
            other => answer(&center, request, recorded::answer(other)),
        }
    }
    let status = statuses(&host).pop().unwrap();
    assert!(
        status.starts_with("status degraded: system-presence: the gateway refused: FORBIDDEN: missing scope"),
        "{status}"
    );
    fire(&center, "watch", 40);
    assert_eq!(asked(&host), [""; 0]);
}
