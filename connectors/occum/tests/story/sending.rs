use crate::setup::*;
use sdk::agent::{Outbound, OutboundError, Receipt};

fn outbound(to: &str) -> Outbound {
    Outbound { id: "o1".into(), to: to.into(), text: "by myself".into() }
}

#[test]
fn what_the_agent_sends_by_itself_is_posted() {
    let host = host();
    let occum = logged_in(&host);
    let receipt = occum.says(outbound(CHANNEL)).answer().unwrap();
    assert_eq!(receipt, Receipt { message_id: Some("ev_posted".into()) });
    assert_eq!(story(&host), [format!(r#"POST {API}/channels/{CHANNEL}/messages {{"text":"by myself"}}"#)]);
}

#[test]
fn a_place_that_is_no_channel_is_rejected_unsent() {
    let host = host();
    let occum = logged_in(&host);
    let answer = occum.says(outbound("../agents/me")).answer();
    assert_eq!(answer, Err(OutboundError::Reject("to: not a channel id".into())));
    assert_eq!(story(&host), [""; 0]);
}

#[test]
fn a_failure_says_whether_to_try_again() {
    let answer_when = |attempt, error| {
        let host = host();
        host.on("POST */messages").fail(error);
        let occum = logged_in(&host);
        occum.attempt(attempt).says(outbound(CHANNEL)).answer()
    };
    let lost = || http::Error::Timeout(Sent::Maybe);
    assert_eq!(answer_when(1, lost()), Err(OutboundError::Retry(Duration::from_secs(1))));
    assert_eq!(answer_when(10, lost()), Err(OutboundError::Reject("perhaps posted: out of time".into())));
    let refused = answer_when(1, http::Error::Denied("x".into()));
    assert_eq!(refused, Err(OutboundError::Reject("not posted: not granted: x".into())));
}
