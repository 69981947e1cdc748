//! Work sessions: always completed, and last of all.

use crate::setup::*;

const MS: Duration = Duration::from_millis(1);

fn work_of(host: &FakeHost) -> Vec<String> {
    let ends = asked(host, "POST").into_iter().map(|url| url.rsplit('/').next().unwrap().to_owned());
    ends.filter(|end| end != "messages").collect()
}

#[test]
fn a_session_that_was_never_begun_is_begun_and_completed_at_the_end() {
    let host = host();
    host.on("POST */work").fail(http::Error::Unreachable("dns".into())).answer(201, json!({}));
    let occum = logged_in(&host);
    let inbound = given(&host, &occum);
    host.on("POST */complete").answer(404, json!({})).answer(200, json!({}));
    assert_eq!(occum.replies(&inbound, Reply::Final("hi".into())).answer(), Disposition::Done);
    assert_eq!(work_of(&host), ["complete", "work", "complete"]);
    let session = body(&host.requests()[1])["sessionId"].clone();
    assert!(host.requests()[2].url.contains(session.as_str().unwrap()), "the same session");
}

#[test]
fn a_session_begun_after_it_was_completed_is_completed_once_more() {
    let host = host();
    let occum = logged_in(&host);
    host.on("POST */work").wait(MS * 50).answer(201, json!({})).answer(201, json!({}));
    host.on("POST */complete").answer(404, json!({})).answer(200, json!({}));
    let heard = occum.receives("events", said("ev_1", "hello"));
    let inbound = host.dispatched().remove(0);
    assert_eq!(occum.replies(&inbound, Reply::Final("hi".into())).answer(), Disposition::Done);
    occum.pass(MS * 50);
    assert_eq!(heard.answer(), Disposition::Done);
    assert_eq!(work_of(&host), ["work", "complete", "work", "complete", "complete"]);
}

#[test]
fn a_duplicate_begins_no_session() {
    let host = host();
    let occum = logged_in(&host);
    occum.receives("events", said("ev_1", "hello")).answer();
    occum.kill();
    host.keep(CURSOR, "null");
    host.on("GET */events*").answer(200, json!([event("ev_1", "hello")])).answer(200, json!([]));
    let occum = start(&host);
    log_in(&occum);
    catch_up(&host, &occum);
    assert_eq!(dispatched(&host), ["ev_1"]);
    assert_eq!(work_of(&host), [""; 0]);
    assert_eq!(host.kept(CURSOR), Some(b"\"ev_1\"".to_vec()));
}

#[test]
fn sessions_of_what_was_missed_are_begun_too() {
    let host = host();
    let occum = logged_in(&host);
    let missed: Vec<_> = (0..10).map(|n| event(&format!("ev_{n}"), "hi")).collect();
    host.on("GET */events*").answer(200, json!(missed)).answer(200, json!([]));
    log_in(&occum);
    catch_up(&host, &occum);
    assert_eq!(work_of(&host), ["work"; 10]);
}

#[test]
fn completing_is_tried_again_even_if_it_may_have_been_done() {
    let host = host();
    host.on("POST */complete")
        .fail(http::Error::Timeout(Sent::Maybe))
        .answer(503, json!({}))
        .answer(200, json!({}));
    let occum = logged_in(&host);
    let inbound = given(&host, &occum);
    let last = || Reply::Final("hi".into());
    assert_eq!(occum.replies(&inbound, last()).answer(), Disposition::Retry(Duration::from_secs(1)));
    assert_eq!(
        occum.attempt(2).replies(&inbound, last()).answer(),
        Disposition::Retry(Duration::from_secs(2))
    );
    assert_eq!(occum.attempt(3).replies(&inbound, last()).answer(), Disposition::Done);
}

#[test]
fn a_session_that_cannot_be_completed_is_left_to_the_operator() {
    let host = host();
    host.on("POST */complete").answer(409, json!({}));
    let occum = logged_in(&host);
    let inbound = given(&host, &occum);
    let answer = occum.replies(&inbound, Reply::Aborted).answer();
    assert_eq!(answer, Disposition::Reject("work session not completed: the platform answered 409".into()));
}
