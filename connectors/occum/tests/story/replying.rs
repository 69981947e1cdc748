use crate::setup::*;
use sdk::agent::{Failure, FailureClass};

#[test]
fn blocks_are_posted_and_the_end_completes_the_session() {
    let host = host();
    let occum = logged_in(&host);
    occum.receives("events", said("ev_1", "hello")).answer();
    let (inbound, session) = (host.dispatched().remove(0), session(&host));
    host.forget();
    let all = [
        Reply::Started,
        Reply::Delta(agent::Delta::Append("o".into())),
        Reply::Block("one".into()),
        Reply::Block(String::new()),
        Reply::Block("two".into()),
        Reply::Final("onetwo".into()),
    ];
    for reply in all {
        assert_eq!(occum.replies(&inbound, reply).answer(), Disposition::Done);
    }
    assert_eq!(
        story(&host),
        [
            format!(r#"POST {API}/channels/{CHANNEL}/messages {{"text":"one"}}"#),
            format!(r#"POST {API}/channels/{CHANNEL}/messages {{"text":"two"}}"#),
            format!(r#"POST {API}/channels/{CHANNEL}/work/{session}/complete {{"summary":"onetwo"}}"#),
        ]
    );
}

#[test]
fn a_new_instance_can_post_what_an_old_one_dispatched() {
    let host = host();
    let occum = logged_in(&host);
    let inbound = given(&host, &occum);
    occum.kill();
    let occum = start(&host);
    assert_eq!(occum.replies(&inbound, Reply::Block("late".into())).answer(), Disposition::Done);
    assert_eq!(story(&host), [format!(r#"POST {API}/channels/{CHANNEL}/messages {{"text":"late"}}"#)]);
}

/// The summary under which a session ends.
fn summary_of(reply: Reply) -> String {
    let host = host();
    let occum = logged_in(&host);
    let inbound = given(&host, &occum);
    assert_eq!(occum.replies(&inbound, reply).answer(), Disposition::Done);
    let body = host.requests().remove(0).body.unwrap();
    serde_json::from_slice::<Value>(&body).unwrap()["summary"].as_str().unwrap().to_owned()
}

#[test]
fn every_end_completes_the_session_with_its_own_summary() {
    let failed =
        |message: &str| Reply::Failed(Failure { class: FailureClass::Agent, message: message.into() });
    assert_eq!(summary_of(Reply::Final(String::new())), "Completed");
    assert_eq!(summary_of(Reply::Final("ü".repeat(130))), format!("{}…", "ü".repeat(120)));
    assert_eq!(summary_of(failed(&"x".repeat(130))), format!("Error: {}", "x".repeat(100)));
    assert_eq!(summary_of(Reply::Aborted), "Aborted");
}

/// What a block is answered when the post goes so.
fn answer_when(attempt: u32, error: http::Error) -> Disposition {
    let host = host();
    host.on("POST */messages").fail(error);
    let occum = logged_in(&host);
    let inbound = given(&host, &occum);
    occum.attempt(attempt).replies(&inbound, Reply::Block("hi".into())).answer()
}

#[test]
fn a_post_that_failed_is_tried_again_for_some_minutes() {
    let unreachable = || http::Error::Unreachable("x".into());
    assert_eq!(answer_when(1, http::Error::Timeout(Sent::No)), Disposition::Retry(Duration::from_secs(1)));
    assert_eq!(answer_when(1, http::Error::Timeout(Sent::Maybe)), Disposition::Retry(Duration::from_secs(1)));
    assert_eq!(answer_when(3, unreachable()), Disposition::Retry(Duration::from_secs(4)));
    assert_eq!(answer_when(10, unreachable()), Disposition::Reject("not posted: unreachable: x".into()));
    let lost = answer_when(10, http::Error::Broken("x".into(), Sent::Maybe));
    assert_eq!(lost, Disposition::Reject("perhaps posted: connection broke: x".into()));
    assert!(matches!(answer_when(1, http::Error::Denied("x".into())), Disposition::Reject(_)));
}

#[test]
fn a_busy_platform_is_waited_for_as_it_wishes() {
    let host = host();
    host.on("POST */messages").respond(http::Response {
        status: 429,
        headers: vec![("Retry-After".into(), b"17".to_vec())],
        body: vec![],
        url: String::new(),
    });
    let occum = logged_in(&host);
    let inbound = given(&host, &occum);
    let answer = occum.replies(&inbound, Reply::Block("hi".into())).answer();
    assert_eq!(answer, Disposition::Retry(Duration::from_secs(17)));
}

#[test]
fn a_strange_context_is_rejected() {
    let host = host();
    let occum = logged_in(&host);
    let mut inbound = given(&host, &occum);
    inbound.context = br#"{"channel":"../x","event":"e","session":"s"}"#.to_vec();
    assert!(matches!(occum.replies(&inbound, Reply::Started).answer(), Disposition::Reject(_)));
}
