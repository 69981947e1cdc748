use crate::setup::*;
use sdk::Fill;

#[test]
fn a_message_is_dispatched_before_the_work_session_begins() {
    let host = host();
    let occum = logged_in(&host);
    assert_eq!(occum.receives("events", said("ev_1", "hello")).answer(), Disposition::Done);
    let conversation = format!("occum-default-{CHANNEL}");
    let session = session(&host);
    assert_eq!(
        story(&host),
        [
            format!("dispatch ev_1 of {conversation}"),
            format!(r#"POST {API}/channels/{CHANNEL}/work {{"sessionId":"{session}"}}"#),
        ]
    );
    let inbound = host.dispatched().remove(0);
    assert_eq!(inbound.sender.id, "user:42");
    assert_eq!(inbound.sender.label, "User #42");
    assert_eq!(inbound.sender.trust, agent::Trust::User);
    assert_eq!((inbound.to.as_str(), inbound.text.as_str()), (CHANNEL, "hello"));
    assert_eq!(inbound.sent_at_ms, 1_767_225_600_000);
    let context: Value = serde_json::from_slice(&inbound.context).unwrap();
    assert_eq!(context, json!({ "channel": CHANNEL, "event": "ev_1", "session": session }));
}

#[test]
fn every_request_carries_the_token_by_name_only() {
    let host = host();
    let occum = logged_in(&host);
    occum.receives("events", said("ev_1", "hello")).answer();
    let request = host.requests().remove(0);
    assert_eq!(request.fills, [Fill::bearer("agentToken")]);
    assert_eq!(request.headers, [("content-type".into(), "application/json".into())]);
}

#[test]
fn messages_go_side_by_side_and_are_dispatched_in_order() {
    let host = host();
    host.on("POST */work").wait(Duration::from_secs(5)).answer(201, json!({}));
    let occum = logged_in(&host);
    let first = occum.receives("events", said("ev_1", "one"));
    let second = occum.receives("events", said("ev_2", "two"));
    assert_eq!((first.poll(), second.poll()), (None, None));
    let keys: Vec<_> = host.dispatched().into_iter().map(|inbound| inbound.key).collect();
    assert_eq!(keys, ["ev_1", "ev_2"]);
    occum.pass(Duration::from_secs(5));
    assert_eq!((first.answer(), second.answer()), (Disposition::Done, Disposition::Done));
}

#[test]
fn a_work_session_that_does_not_begin_is_only_a_warning() {
    let host = host();
    host.on("POST */work").fail(http::Error::Unreachable("dns".into()));
    let occum = logged_in(&host);
    assert_eq!(occum.receives("events", said("ev_1", "hello")).answer(), Disposition::Done);
    assert!(host.logs().iter().any(|line| line.starts_with("warn: could not begin the work session")));
}

#[test]
fn what_is_not_for_the_agent_is_left_alone() {
    let host = host();
    let occum = logged_in(&host);
    occum.receives("events", agent_said("ev_1", "a1")).answer();
    occum.receives("events", said("ev_2", "")).answer();
    occum.receives("events", "rubbish").answer();
    occum.receives("events", vec![1, 2, 3]).answer();
    occum
        .receives("events", event_in("../../agents", "ev_3", json!({ "user": "1" }), "hi").to_string())
        .answer();
    assert_eq!(story(&host), [""; 0]);
}

#[test]
fn the_same_event_twice_is_handled_once() {
    let host = host();
    let occum = logged_in(&host);
    occum.receives("events", said("ev_1", "hello")).answer();
    occum.receives("events", said("ev_1", "hello")).answer();
    assert_eq!(story(&host).len(), 2);
}

#[test]
fn an_agent_that_is_not_granted_is_final() {
    let host = host();
    host.fail_dispatch(agent::Error::Denied("agent".into()));
    let occum = logged_in(&host);
    let answer = occum.receives("events", said("ev_1", "hello")).answer();
    assert_eq!(answer, Disposition::Reject("dispatch: not granted: agent".into()));
}

#[test]
fn woken_by_an_agents_message_it_asks_who_it_is_first() {
    let host = host();
    host.keep("begun", "1").keep(CURSOR, "null");
    let occum = start(&host);
    occum.receives("events", agent_said("ev_1", "a1")).answer();
    occum.receives("events", agent_said("ev_2", "a2")).answer();
    catch_up(&host, &occum);
    assert!(story(&host).contains(&format!("GET {API}/agents/me")));
    assert_eq!(dispatched(&host), ["ev_2"]);
    assert_eq!(host.dispatched()[0].sender.id, "agent:a2");
}

#[test]
fn not_knowing_who_it_is_it_does_not_answer_agents_and_does_not_keep_users_waiting_for_ever() {
    let host = host();
    host.keep("begun", "1").keep(CURSOR, "null");
    host.on("GET */agents/me").answer(500, json!({}));
    let occum = start(&host);
    occum.receives("events", agent_said("ev_1", "a1")).answer();
    occum.receives("events", said("ev_2", "hello")).answer();
    fire(&host, &occum);
    assert_eq!(dispatched(&host), [""; 0]);
    catch_up(&host, &occum);
    assert_eq!(dispatched(&host), ["ev_2"]);
    assert!(host.logs().iter().any(|line| line.starts_with("error: our agent id is unknown")));
}

#[test]
fn two_agents_do_not_answer_each_other_for_ever() {
    let host = host();
    let occum = logged_in(&host);
    for n in 0..20 {
        occum.receives("events", agent_said(&format!("ev_{n}"), "a2")).answer();
    }
    assert_eq!(host.dispatched().len(), 8);
    let warnings = host.logs().iter().filter(|line| line.contains("among themselves")).count();
    assert_eq!(warnings, 1);
    occum.receives("events", said("ev_u", "go on")).answer();
    occum.receives("events", agent_said("ev_v", "a2")).answer();
    assert_eq!(host.dispatched().len(), 10);
}

#[test]
fn nobodys_words_are_logged() {
    let host = host();
    host.on("POST */messages").answer(400, json!({ "error": "xyzzy" }));
    let occum = logged_in(&host);
    occum.receives("events", said("ev_1", "xyzzy")).answer();
    let inbound = host.dispatched().remove(0);
    occum.replies(&inbound, Reply::Block("xyzzy".into())).answer();
    occum.attempt(2).replies(&inbound, Reply::Block("xyzzy".into())).answer();
    occum.replies(&inbound, Reply::Final("xyzzy".into())).answer();
    assert!(!host.logs().concat().contains("xyzzy"));
}
