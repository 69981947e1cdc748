//! What became of a message, from recorded histories and from those of a restart as they were described.

use crate::recorded;
use openclaw::history::{Fate, History};
use serde_json::{Value, json};

fn history(messages: Value) -> History {
    with(messages, json!({}))
}

fn with(messages: Value, session: Value) -> History {
    History::read(&json!({ "messages": messages, "hasMore": false, "sessionInfo": session })).unwrap()
}

fn asked(key: &str) -> Value {
    json!({ "role": "user", "content": "q", "idempotencyKey": format!("{key}:user") })
}

fn answered(run: &str, text: &str) -> Value {
    json!({ "role": "assistant", "content": [{ "type": "text", "text": text }], "__openclaw": { "runId": run } })
}

fn resumption() -> Value {
    json!({ "role": "user", "content": "[System] Your previous turn was interrupted by a gateway restart", "idempotencyKey": "r:user" })
}

fn found(text: &str) -> Fate {
    Fate::Answered(text.into())
}

#[test]
fn recorded_runs_are_answered_with_their_recorded_text() {
    let chat = History::read(&recorded::answer("chat.jsonl", "chat.history")).unwrap();
    assert_eq!((chat.rows.len(), chat.total, chat.has_more, chat.active), (12, Some(13), false, false));
    assert!(chat.rows.iter().all(|row| row.id.is_some() && row.at_ms.is_some() && !row.text.is_empty()));
    assert_eq!(
        chat.fate("60ce7bdd-721e-4bf3-affb-2078a5cb5686"),
        found("echo: one two three four five six seven eight")
    );
    assert_eq!(chat.fate("never sent"), Fate::NotThere);

    let tools = History::read(&recorded::answer("tools.jsonl", "chat.history")).unwrap();
    assert_eq!(tools.fate("7788b5b6-f15d-4843-833c-cd34e177fd71"), found("tool said: tool-output-42"));

    let queue = History::read(&recorded::answer("queue.jsonl", "chat.history")).unwrap();
    let Fate::Answered(steered) = queue.fate("19324ac7-70bd-4494-a39f-0165acd088ba") else {
        panic!("{queue:?}")
    };
    assert!(steered.ends_with("w19\n\necho: second"), "{steered}");
    // Queued for later, it ran under a name that the gateway made.
    assert_eq!(queue.fate("b12fa653-43e2-498b-bd41-27823b5a7edb"), found("echo: third"));
}

#[test]
fn a_recorded_abort_is_not_an_answer() {
    let abort = History::read(&recorded::answer("abort.jsonl", "chat.history")).unwrap();
    let Fate::Aborted(text) = abort.fate("ce4c89e3-2d25-436f-9ee2-433cd686ab83") else { panic!("{abort:?}") };
    assert!(text.starts_with("echo: slow w0"));
    assert_eq!(abort.fate("eb7d8049-3b1f-46c6-a031-8798bfe0402c"), Fate::Interrupted);
}

#[test]
fn only_our_row_and_nothing_running_is_an_interruption() {
    assert_eq!(history(json!([asked("k")])).fate("k"), Fate::Interrupted);
    assert_eq!(history(json!([asked("k"), resumption()])).fate("k"), Fate::Interrupted);
}

#[test]
fn a_resumed_run_answers_under_another_name() {
    let rows = json!([asked("k"), resumption(), answered("other", "late")]);
    assert_eq!(history(rows.clone()).fate("k"), found("late"));
    let running = with(rows, json!({ "hasActiveRun": true, "activeRunIds": ["other"] }));
    assert_eq!(running.fate("k"), Fate::Running);
}

#[test]
fn a_run_that_is_to_be_resumed_runs_and_one_that_is_given_up_has_failed() {
    let waits =
        json!({ "hasActiveRun": false, "activeRunIds": [], "abortedLastRun": true, "status": "running" });
    assert_eq!(with(json!([asked("k")]), waits.clone()).fate("k"), Fate::Running, "its turn comes");
    let other = json!({ "hasActiveRun": false, "abortedLastRun": true, "status": "failed" });
    assert_eq!(with(json!([asked("k")]), other).fate("k"), Fate::Interrupted);
    let notice = json!({ "role": "assistant", "content": [{ "type": "text", "text": "I couldn't continue this session." }],
        "idempotencyKey": "main-session-restart-recovery:1:failed-notice" });
    let given_up = json!([asked("k"), resumption(), notice]);
    assert_eq!(
        history(given_up.clone()).fate("k"),
        Fate::Failed("the gateway was restarted in the middle of this message and gave it up".into())
    );
    assert_eq!(history(json!([asked("k"), answered("k", "yes"), notice])).fate("k"), found("yes"));
}

#[test]
fn another_message_ends_the_search() {
    let rows = json!([asked("k"), asked("l"), answered("l", "theirs")]);
    assert_eq!(history(rows.clone()).fate("k"), Fate::Interrupted);
    assert_eq!(history(rows).fate("l"), found("theirs"));
    // Both were there before the first was answered.
    let crossed = json!([asked("k"), asked("l"), answered("k", "ours"), answered("l", "theirs")]);
    assert_eq!(history(crossed.clone()).fate("k"), found("ours"));
    assert_eq!(history(crossed).fate("l"), found("theirs"));
    let waiting = json!([asked("k"), asked("l"), answered("k", "ours")]);
    assert_eq!(history(waiting).fate("l"), Fate::Interrupted);
}

#[test]
fn a_run_of_somebody_else_is_not_ours() {
    let rows = json!([asked("k"), asked("l")]);
    let running = |runs: Value| with(rows.clone(), json!({ "hasActiveRun": true, "activeRunIds": runs }));
    assert_eq!(running(json!(["k"])).fate("k"), Fate::Running);
    assert_eq!(running(json!(["l"])).fate("k"), Fate::Interrupted);
    assert_eq!(running(json!(["new"])).fate("k"), Fate::Running);
    assert_eq!(running(json!([])).fate("k"), Fate::Running);
    assert_eq!(running(json!(["k"])).fate("unseen"), Fate::NotThere);
}

#[test]
fn a_call_of_a_tool_is_no_answer() {
    let call = json!({ "role": "assistant", "stopReason": "toolUse", "__openclaw": { "runId": "k" },
        "content": [{ "type": "text", "text": "let me look" }, { "type": "toolCall", "name": "exec" }] });
    assert_eq!(history(json!([asked("k"), call])).fate("k"), Fate::Interrupted);
}

#[test]
fn an_error_row_is_a_failure_unless_there_is_an_answer() {
    let failed = json!({ "role": "assistant", "content": [], "errorMessage": "no model", "stopReason": "error",
        "idempotencyKey": "k:terminal-error" });
    assert_eq!(history(json!([asked("k"), failed])).fate("k"), Fate::Failed("no model".into()));
    assert_eq!(history(json!([asked("k"), answered("k", "yes"), failed])).fate("k"), found("yes"));
}

#[test]
fn a_message_that_waits_is_queued_and_one_that_may_stand_further_back_is_unclear() {
    let page = |pending: Value, has_more: bool| {
        History::read(&json!({ "messages": [], "hasMore": has_more, "pendingInputs": pending })).unwrap()
    };
    let waits = |state: &str| json!({ "items": [{ "id": "1", "runId": "k", "state": state }], "total": 1 });
    assert_eq!(page(waits("queued"), true).fate("k"), Fate::Queued);
    assert_eq!(page(waits("cancelled"), false).fate("k"), Fate::Aborted(String::new()));
    assert_eq!(page(waits("interrupted"), false).fate("k"), Fate::Dropped, "it never ran, and never will");
    assert_eq!(page(waits("queued"), false).fate("other"), Fate::NotThere);
    assert_eq!(page(json!({ "items": [], "total": 30 }), false).fate("k"), Fate::Unclear);
    assert_eq!(page(json!({}), true).fate("k"), Fate::Unclear);
}

#[test]
fn a_key_that_begins_like_ours_is_not_ours() {
    assert_eq!(history(json!([asked("k1"), answered("k1", "theirs")])).fate("k"), Fate::NotThere);
}

#[test]
fn a_cut_text_is_marked_and_all_that_there_is_can_be_asked_for() {
    let rows = history(json!([answered("k", "long\n...(truncated)..."), answered("l", "short")])).rows;
    assert_eq!((rows[0].is_cut, rows[1].is_cut), (true, false));
    let params = json!({ "sessionKey": "s", "limit": 50, "maxChars": 500_000 });
    assert_eq!(History::params("s", 50), params);
}
