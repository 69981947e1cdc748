//! Before something is posted again it is looked for; why so, see `src/look.rs`.

use crate::platform::Platform;
use crate::setup::*;
use sdk::agent::{Outbound, OutboundError, Receipt};

const MS: Duration = Duration::from_millis(1);

/// A platform, and the connector with a message that waits for its answer.
struct Asked {
    platform: Platform,
    host: FakeHost,
    occum: Driver<Occum>,
    inbound: Inbound,
}

impl Asked {
    fn new() -> Self {
        let platform = Platform::new(&[CHANNEL]);
        let host = platform.host(MS);
        let occum = logged_in(&host);
        let handled = occum.receives("events", platform.say(CHANNEL, "well?"));
        occum.pass(MS * 10);
        handled.answer();
        let inbound = host.dispatched().remove(0);
        host.forget();
        Self { platform, host, occum, inbound }
    }

    fn block(&self, sequence: u64, attempt: u32, text: &str) -> Disposition {
        let block = self.occum.sequence(sequence).attempt(attempt);
        let answered = block.replies(&self.inbound, Reply::Block(text.into()));
        self.occum.pass(Duration::from_secs(20));
        answered.answer()
    }

    fn says(&self, attempt: u32, text: &str) -> Result<Receipt, OutboundError> {
        let message = Outbound { id: "o1".into(), to: CHANNEL.into(), text: text.into() };
        let answered = self.occum.attempt(attempt).says(message);
        self.occum.pass(Duration::from_secs(20));
        answered.answer()
    }

    fn dies(mut self) -> Self {
        self.occum.kill();
        self.occum = start(&self.host);
        self
    }

    fn posts(&self) -> Vec<String> {
        self.platform.posts(CHANNEL)
    }
}

fn retry(seconds: u64) -> Disposition {
    Disposition::Retry(Duration::from_secs(seconds))
}

#[test]
fn a_block_whose_answer_was_lost_is_found_and_not_posted_again() {
    let asked = Asked::new();
    asked.platform.lose_answer("/messages");
    assert_eq!(asked.block(1, 1, "ok"), retry(1));
    assert_eq!(asked.block(1, 2, "ok"), Disposition::Done);
    assert_eq!(asked.posts(), ["ok"]);
}

#[test]
fn a_block_that_is_not_found_is_posted() {
    let asked = Asked::new();
    asked.host.on("POST */messages").fail(http::Error::Broken("x".into(), Sent::Maybe));
    assert_eq!(asked.block(1, 1, "ok"), retry(1));
    let platform = asked.platform.clone();
    asked.host.on("POST */messages").with(move |request| platform.answer(request));
    asked.platform.say(CHANNEL, "ok"); // a user's, with the same text
    assert_eq!(asked.block(1, 2, "ok"), Disposition::Done);
    assert_eq!(asked.posts(), ["ok"]);
}

#[test]
fn the_same_text_twice_is_posted_twice_whatever_is_lost() {
    let asked = Asked::new();
    assert_eq!(asked.block(1, 1, "ok"), Disposition::Done);
    asked.platform.lose_answer("/messages");
    assert_eq!(asked.block(2, 1, "ok"), retry(1));
    assert_eq!(asked.block(2, 2, "ok"), Disposition::Done);
    assert_eq!(asked.posts(), ["ok"; 2], "found once");
    // Never tried, but the host can't know that of what was in flight when its process died.
    let asked = asked.dies();
    assert_eq!(asked.block(3, 2, "ok"), Disposition::Done);
    assert_eq!(asked.posts(), ["ok"; 3], "not taken for the one before");
    let asked = asked.dies();
    assert_eq!(asked.block(3, 3, "ok"), Disposition::Done);
    assert_eq!(asked.posts(), ["ok"; 3], "noted as posted");
}

#[test]
fn a_message_of_an_earlier_answer_is_not_taken_for_this_one() {
    let mut asked = Asked::new();
    let earlier = asked.inbound.clone();
    // It came before the earlier one was answered, so the look from it sees that answer.
    let handled = asked.occum.receives("events", asked.platform.say(CHANNEL, "and?"));
    asked.occum.pass(MS * 10);
    handled.answer();
    asked.inbound = asked.host.dispatched().remove(0);
    // More than are noted one by one.
    for sequence in 0..30 {
        asked.occum.sequence(sequence).replies(&earlier, Reply::Block("ok".into()));
        asked.occum.pass(MS * 10);
    }
    let asked = asked.dies();
    assert_eq!(asked.block(1, 2, "ok"), Disposition::Done);
    assert_eq!(asked.posts(), ["ok"; 31]);
}

#[test]
fn a_post_of_a_tool_is_not_taken_for_a_block() {
    let asked = Asked::new();
    let sent = asked.occum.calls("occum_send_message", json!({ "text": "ok", "channelId": CHANNEL }));
    asked.occum.pass(MS * 10);
    sent.answer().unwrap();
    let asked = asked.dies();
    assert_eq!(asked.block(1, 2, "ok"), Disposition::Done);
    assert_eq!(asked.posts(), ["ok"; 2]);
}

#[test]
fn while_another_post_is_under_way_it_waits() {
    let asked = Asked::new();
    let sending = asked.occum.calls("occum_send_message", json!({ "text": "ok", "channelId": CHANNEL }));
    let block = asked.occum.sequence(1).attempt(2).replies(&asked.inbound, Reply::Block("ok".into()));
    assert_eq!(block.answer(), retry(2));
    asked.occum.pass(MS * 10);
    sending.answer().unwrap();
    assert_eq!(asked.block(1, 3, "ok"), Disposition::Done);
    assert_eq!(asked.posts(), ["ok"; 2]);
}

#[test]
fn if_looking_fails_it_is_never_posted_blindly() {
    let asked = Asked::new();
    asked.platform.lose_answer("/messages");
    assert_eq!(asked.block(1, 1, "ok"), retry(1));
    asked.host.on("GET */events*").answer(503, json!({}));
    assert_eq!(asked.block(1, 2, "ok"), retry(2));
    let asked = asked.dies();
    asked.host.fail_read(store::Error::Unavailable("disk".into()));
    assert_eq!(asked.block(1, 3, "ok"), retry(4));
    let reason = "perhaps posted; could not look: the platform answered 503";
    assert_eq!(asked.block(1, 10, "ok"), Disposition::Reject(reason.into()));
    assert_eq!(asked.posts(), ["ok"]);
}

#[test]
fn what_certainly_failed_needs_no_look() {
    let asked = Asked::new();
    let platform = asked.platform.clone();
    asked.host.on("POST */messages").answer(429, json!({})).with(move |request| platform.answer(request));
    asked.host.on("GET */events*").answer(500, json!({}));
    assert_eq!(asked.block(1, 1, "ok"), retry(1));
    assert_eq!(asked.block(1, 2, "ok"), Disposition::Done);
    assert_eq!((asked.posts().len(), super::setup::asked(&asked.host, "GET").len()), (1, 0));
}

#[test]
fn if_the_question_is_forgotten_the_block_before_is_the_place() {
    let asked = Asked::new();
    assert_eq!(asked.block(1, 1, "ok"), Disposition::Done);
    asked.platform.lose_answer("/messages");
    assert_eq!(asked.block(2, 1, "ok"), retry(1));
    asked.platform.forget_oldest(CHANNEL);
    assert_eq!(asked.block(2, 2, "ok"), Disposition::Done);
    assert_eq!(asked.posts(), ["ok"; 2]);
}

#[test]
fn what_the_agent_sends_by_itself_is_looked_for_from_a_place_kept_before() {
    let asked = Asked::new();
    asked.platform.lose_answer("/messages");
    assert_eq!(asked.says(1, "hi"), Err(OutboundError::Retry(Duration::from_secs(1))));
    let asked = asked.dies();
    assert!(asked.says(2, "hi").unwrap().message_id.is_some());
    assert_eq!(asked.posts(), ["hi"]);
    let asked = asked.dies();
    assert!(asked.says(3, "hi").unwrap().message_id.is_some(), "and noted");
    assert_eq!(asked.posts(), ["hi"]);
}

#[test]
fn what_the_agent_never_came_to_send_is_sent() {
    let asked = Asked::new();
    asked.platform.say_as_us(CHANNEL, "hi"); // by another program with our token
    let asked = asked.dies();
    asked.says(2, "hi").unwrap();
    assert_eq!(asked.posts(), ["hi"; 2]);
}

#[test]
fn without_a_place_nothing_is_sent() {
    let asked = Asked::new();
    asked.host.fail_commit(store::Error::Unavailable("disk".into()));
    assert_eq!(asked.says(1, "hi"), Err(OutboundError::Retry(Duration::from_secs(1))));
    asked.host.fail_commit(store::Error::Quota("keys".into()));
    let answer = asked.says(10, "hi");
    assert_eq!(answer, Err(OutboundError::Reject("not sent: store: over the quota of keys".into())));
    assert_eq!(asked.posts(), [""; 0]);
}
