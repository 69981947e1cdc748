//! A gateway that is old, odd or lies.
use super::raw::{Peer, Raw, delta, last, said};
use super::support::{Heard, RUN, SESSION, ask, ask_into, backend, message, options, unavailable};
use backend_openclaw::{OpenClaw, Options, Timeouts};
use ports::agent::Failed;
use serde_json::{Value, json};
use std::time::Duration;
use tempfile::TempDir;

/// A message is asked for, and the gateway does this with the one who asks.
async fn met(does: impl AsyncFnOnce(&mut Peer)) -> (Heard, Result<(), Failed>) {
    met_again(false, |options| options, does).await
}

async fn met_again(
    repeated: bool,
    change: impl FnOnce(Options) -> Options,
    does: impl AsyncFnOnce(&mut Peer),
) -> (Heard, Result<(), Failed>) {
    let (gateway, folder) = (Raw::start().await, TempDir::new().unwrap());
    let backend: OpenClaw = backend(change(options(&gateway.url(), "t")), folder.path());
    let (message, mut heard) = (message("hello"), Heard::default());
    let gateway = async {
        let mut peer = gateway.guest().await;
        does(&mut peer).await;
        // What comes after it gets no answer, but is not cut off either.
        std::future::pending::<()>().await;
    };
    let outcome = tokio::select! {
        outcome = ask_into(&backend, &message, repeated, &mut heard) => outcome,
        () = gateway => unreachable!("it never ends"),
    };
    (heard, outcome)
}

fn ended(status: &str, text: Option<&str>) -> Value {
    let payloads: Vec<Value> = text.into_iter().map(|text| json!({ "text": text })).collect();
    json!({ "runId": RUN, "status": status, "summary": "completed", "result": { "payloads": payloads } })
}

#[tokio::test]
async fn the_last_answer_to_the_request_is_enough() {
    let (heard, outcome) = met(async |peer| {
        let request = peer.message().await;
        peer.answer(&request["id"], ended("ok", Some("only here"))).await;
    })
    .await;
    assert_eq!((heard.text(), outcome), ("only here", Ok(())));
}

#[tokio::test]
async fn a_known_key_is_answered_with_what_is_known() {
    let (heard, outcome) = met(async |peer| {
        let request = peer.request("agent").await;
        peer.answer(&request["id"], ended("ok", Some("from before"))).await;
    })
    .await;
    assert_eq!((heard.text(), outcome), ("from before", Ok(())));
    let (heard, outcome) = met(async |peer| {
        let request = peer.request("agent").await;
        peer.answer(&request["id"], json!({ "runId": RUN, "status": "in_flight" })).await;
        peer.chat(SESSION, RUN, last("still running")).await;
    })
    .await;
    assert_eq!((heard.text(), outcome), ("still running", Ok(())));
    let (_, outcome) = met(async |peer| {
        let request = peer.request("agent").await;
        peer.answer(&request["id"], ended("timeout", None)).await;
    })
    .await;
    assert!(matches!(outcome, Err(Failed::Agent(_))), "{outcome:?}");
}

#[tokio::test]
async fn a_model_that_refuses_is_a_refusal() {
    let (_, outcome) = met(async |peer| {
        peer.message().await;
        let error = json!({ "state": "error", "errorMessage": "I will not", "errorKind": "refusal" });
        peer.chat(SESSION, RUN, error).await;
    })
    .await;
    assert_eq!(outcome, Err(Failed::Refused("I will not".into())));
}

#[tokio::test]
async fn what_is_said_to_others_is_not_our_answer() {
    let (heard, outcome) = met(async |peer| {
        let request = peer.message().await;
        peer.chat(SESSION, "cr-ticket-9", last("another message's")).await;
        peer.chat(SESSION, "0192-another", last("a stranger's")).await;
        peer.chat(SESSION, "inject-1", last("an operator's")).await;
        peer.chat("agent:main:occum:main:elsewhere", RUN, last("another session's")).await;
        peer.chat(SESSION, RUN, delta("ours", "ours")).await;
        peer.chat(SESSION, "0192-another", json!({ "state": "error", "errorMessage": "theirs" })).await;
        peer.answer(&request["id"], json!({ "runId": "another", "status": "error" })).await;
        peer.answer(&json!("77"), ended("ok", Some("to nobody"))).await;
        peer.chat(&SESSION.to_uppercase(), RUN, last("ours it is")).await;
    })
    .await;
    assert_eq!((heard.text(), outcome), ("ours it is", Ok(())));
}

#[tokio::test]
async fn a_message_that_was_never_there_takes_nobody_else_s_answer_when_it_is_repeated() {
    let (heard, outcome) = met_again(
        true,
        |options| options,
        async |peer| {
            let request = peer.request("chat.history").await;
            peer.answer(&request["id"], json!({ "messages": [] })).await;
            peer.message().await;
            // As after a restart, for a message that was given up here.
            peer.chat(SESSION, "0192-resumed", last("an older message's")).await;
            peer.chat(SESSION, RUN, last("ours")).await;
        },
    )
    .await;
    assert_eq!((heard.text(), outcome), ("ours", Ok(())));
}

fn asked_row(key: &str) -> Value {
    json!({ "role": "user", "content": "From Ada: hello", "idempotencyKey": format!("{key}:user") })
}

#[tokio::test]
async fn an_operator_s_note_is_no_answer_to_an_interrupted_message() {
    let (heard, outcome) = met_again(
        true,
        |options| options,
        async |peer| {
            let request = peer.request("chat.history").await;
            peer.answer(&request["id"], json!({ "messages": [asked_row(RUN)] })).await;
            peer.chat(SESSION, "inject-1", last("a note")).await;
            peer.chat(SESSION, "cr-ticket-0", last("an older message's")).await;
            peer.chat(SESSION, "0192-resumed", last("gone on with")).await;
        },
    )
    .await;
    assert_eq!((heard.text(), outcome), ("gone on with", Ok(())));
}

#[tokio::test]
async fn the_chatter_of_others_does_not_put_off_the_end_of_the_wait() {
    let short = |options: Options| Options {
        timeouts: Timeouts { resume: Duration::from_millis(200), ..options.timeouts },
        ..options
    };
    let (_, outcome) = met_again(true, short, async |peer| {
        loop {
            let request = peer.request("chat.history").await;
            peer.answer(&request["id"], json!({ "messages": [asked_row(RUN)] })).await;
            for _ in 0..20 {
                peer.chat(SESSION, "cr-ticket-9", delta("bla", "bla")).await;
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    })
    .await;
    assert!(matches!(&outcome, Err(Failed::Agent(why)) if why.contains("did not go on")), "{outcome:?}");
}

#[tokio::test]
async fn a_long_history_is_read_no_further_than_the_message_before() {
    let (heard, outcome) = met_again(
        true,
        |options| options,
        async |peer| {
            let request = peer.request("chat.history").await;
            let rows =
                json!({ "messages": [asked_row("cr-ticket-0")], "hasMore": true, "totalMessages": 99_000 });
            peer.answer(&request["id"], rows).await;
            peer.message().await;
            assert!(!peer.passed.iter().any(|method| method == "chat.history"), "{:?}", peer.passed);
            peer.chat(SESSION, RUN, last("new")).await;
        },
    )
    .await;
    assert_eq!((heard.text(), outcome), ("new", Ok(())));
}

#[tokio::test]
async fn a_message_further_back_in_a_long_history_is_found() {
    let (heard, outcome) = met_again(
        true,
        |options| options,
        async |peer| {
            let request = peer.request("chat.history").await;
            assert!(request["params"]["offset"].is_null(), "{request}");
            let tool = json!({ "role": "toolResult", "content": "42" });
            peer.answer(&request["id"], json!({ "messages": [tool], "hasMore": true })).await;
            let request = peer.request("chat.history").await;
            assert_eq!(request["params"]["offset"], 1000);
            let mut answer = said("found");
            answer["__openclaw"] = json!({ "runId": RUN });
            peer.answer(&request["id"], json!({ "messages": [asked_row(RUN), answer] })).await;
        },
    )
    .await;
    assert_eq!((heard.text(), outcome), ("found", Ok(())));
}

#[tokio::test]
async fn a_final_that_got_lost_is_found_in_the_history() {
    let (heard, outcome) = met(async |peer| {
        peer.message().await;
        peer.chat(SESSION, RUN, delta("the", "the")).await;
        peer.lose();
        peer.event("tick", json!({ "ts": 1 })).await;
        let request = peer.request("chat.history").await;
        let mut answer = said("the answer");
        answer["__openclaw"] = json!({ "runId": RUN });
        peer.answer(&request["id"], json!({ "messages": [asked_row(RUN), answer] })).await;
    })
    .await;
    assert_eq!((heard.text(), outcome), ("the answer", Ok(())));
}

#[tokio::test]
async fn a_run_without_a_word_is_looked_for_and_waited_for_while_it_runs() {
    let soon = |options: Options| Options {
        timeouts: Timeouts { quiet: Duration::from_millis(50), ..options.timeouts },
        ..options
    };
    let (heard, outcome) = met_again(false, soon, async |peer| {
        peer.message().await;
        for _ in 0..2 {
            let request = peer.request("chat.history").await;
            let running = json!({ "hasActiveRun": true, "activeRunIds": [RUN] });
            let rows = json!({ "messages": [asked_row(RUN)], "sessionInfo": running });
            peer.answer(&request["id"], rows).await;
        }
        peer.chat(SESSION, RUN, last("at last")).await;
    })
    .await;
    assert_eq!((heard.text(), outcome), ("at last", Ok(())));
    let (_, outcome) = met_again(false, soon, async |peer| {
        peer.message().await;
        let request = peer.request("chat.history").await;
        peer.answer(&request["id"], json!({ "messages": [] })).await;
    })
    .await;
    assert!(unavailable(outcome).0.contains("lost the message"));
}

#[tokio::test]
async fn a_request_that_is_never_answered_is_given_up() {
    let soon = |options: Options| Options {
        timeouts: Timeouts { request: Duration::from_millis(50), ..options.timeouts },
        ..options
    };
    let (_, outcome) = met_again(false, soon, async |peer| {
        peer.request("agent").await;
    })
    .await;
    assert!(unavailable(outcome).0.contains("in time"));
}

#[tokio::test]
async fn nonsense_between_is_passed_over() {
    let (heard, outcome) = met(async |peer| {
        let request = peer.message().await;
        for nonsense in ["", "[]", "null", "{", "{\"type\":7}", "{\"type\":\"event\"}", "{\"type\":\"res\"}"]
        {
            peer.text(nonsense).await;
        }
        for payload in
            [json!(null), json!([1]), json!({ "state": 7 }), json!({ "state": "new", "message": 1 })]
        {
            peer.event("chat", payload.clone()).await;
            if payload.is_object() {
                peer.chat(SESSION, RUN, payload).await;
            }
        }
        peer.chat(SESSION, RUN, json!({ "state": "delta", "deltaText": 7, "message": { "content": 7 } }))
            .await;
        peer.send(json!({ "type": "req", "id": "1", "method": "agent", "params": {} })).await;
        peer.answer(&request["id"], json!({ "status": "accepted" })).await;
        peer.text(&format!("{{\"type\":\"{}\"}}", "x".repeat(5 << 20))).await;
        peer.chat(SESSION, RUN, last("sense")).await;
    })
    .await;
    assert_eq!((heard.text(), outcome), ("sense", Ok(())));
}

#[tokio::test]
async fn a_frame_without_measure_costs_the_connection_and_not_the_message() {
    let (gateway, folder) = (Raw::start().await, TempDir::new().unwrap());
    let backend = backend(options(&gateway.url(), "t"), folder.path());
    let flood = async {
        let mut peer = gateway.guest().await;
        peer.message().await;
        peer.text(&"x".repeat((32 << 20) + 1)).await;
    };
    let asked = message("hello");
    let ((_, outcome), ()) = tokio::join!(ask(&backend, &asked), flood);
    unavailable(outcome);
}

#[tokio::test]
async fn when_to_come_back_is_believed_within_reason() {
    for (asked, believed) in [(0, 100), (1500, 1500), (u64::MAX, 3_600_000)] {
        let (_, outcome) = met(async |peer| {
            let request = peer.request("agent").await;
            let error =
                json!({ "code": "UNAVAILABLE", "message": "busy", "retryable": true, "retryAfterMs": asked });
            peer.send(json!({ "type": "res", "id": request["id"], "ok": false, "error": error })).await;
        })
        .await;
        assert_eq!(unavailable(outcome).1, Some(Duration::from_millis(believed)));
    }
}

#[tokio::test]
async fn a_reason_without_end_is_cut() {
    let (_, outcome) = met(async |peer| {
        peer.message().await;
        let words = "so ä".repeat(1 << 18);
        peer.chat(SESSION, RUN, json!({ "state": "error", "errorMessage": words })).await;
    })
    .await;
    assert!(matches!(&outcome, Err(Failed::Agent(why)) if (1000..=1024).contains(&why.len())), "{outcome:?}");
}

#[tokio::test]
async fn a_session_that_does_not_get_its_permissions_gets_no_message() {
    let (_, outcome) = met(async |peer| {
        loop {
            let request = peer.request("sessions.create").await;
            let error =
                json!({ "code": "INVALID_REQUEST", "message": "unexpected property 'permissionMode'" });
            peer.send(json!({ "type": "res", "id": request["id"], "ok": false, "error": error })).await;
        }
    })
    .await;
    let (why, _) = unavailable(outcome);
    assert!(why.contains("read-only") && why.contains("agent.permissions"), "{why}");
}
