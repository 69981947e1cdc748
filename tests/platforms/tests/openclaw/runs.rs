//! What a run looks like from outside.

use std::time::Duration;

use platforms::openclaw::scripted::{Gateway, Settings, Step};
use serde_json::{Value, json};

use crate::client::{Client, connect_params};

const KEY: &str = "agent:main:test:direct:somebody";

pub(crate) async fn joined(gateway: &Gateway) -> anyhow::Result<Client> {
    let mut client = Client::connect(&gateway.url(), gateway.token()).await?;
    let answer = client.call("sessions.messages.subscribe", json!({ "key": KEY })).await?;
    assert_eq!(answer["payload"]["key"], KEY);
    Ok(client)
}

pub(crate) async fn ask(client: &mut Client, run: &str, text: &str) -> anyhow::Result<Value> {
    client.call("agent", json!({ "sessionKey": KEY, "message": text, "idempotencyKey": run })).await
}

pub(crate) async fn history(client: &mut Client) -> anyhow::Result<Value> {
    Ok(client.call("chat.history", json!({ "sessionKey": KEY })).await?["payload"].clone())
}

/// The second answer of a run.
async fn second(client: &mut Client, run: &str) -> anyhow::Result<Value> {
    client
        .until(|frame| {
            let payload = &frame["payload"];
            frame["type"] == "res" && payload["runId"] == run && payload["status"] != "accepted"
        })
        .await
}

#[tokio::test]
async fn a_run_without_a_script_echoes_in_three_deltas_and_answers_twice() -> anyhow::Result<()> {
    let gateway = Gateway::start().await?;
    let mut client = joined(&gateway).await?;
    assert_eq!(ask(&mut client, "one", "hello").await?["payload"]["status"], "accepted");
    let mut text = String::new();
    for _ in 0..3 {
        let delta = client.chat("one", "delta").await?;
        text += delta["deltaText"].as_str().unwrap_or_default();
        assert_eq!(delta["message"]["content"][0]["text"], text);
    }
    assert_eq!(text, "echo: hello");
    assert_eq!(client.chat("one", "final").await?["message"]["content"][0]["text"], "echo: hello");
    let answer = second(&mut client, "one").await?;
    assert_eq!(answer["payload"]["result"]["payloads"][0]["text"], "echo: hello");
    // The same key again is answered from memory, whatever the text.
    assert_eq!(ask(&mut client, "one", "other").await?["payload"], answer["payload"]);
    let history = history(&mut client).await?;
    assert_eq!(history["messages"][0]["idempotencyKey"], "one:user");
    assert_eq!(history["messages"][1]["__openclaw"]["runId"], "one");
    assert_eq!(history["totalMessages"], 2);
    assert_eq!(gateway.prompted(1).await[0].text, "hello");
    assert_eq!(gateway.asked("agent", 2).await.len(), 2);
    Ok(())
}

#[tokio::test]
async fn steps_come_in_their_order_and_one_script_is_for_one_run() -> anyhow::Result<()> {
    let gateway = Gateway::start().await?;
    let mut client = joined(&gateway).await?;
    let side = Step::SideResult { question: "q".to_owned(), text: "a".to_owned() };
    gateway.next_run([Step::RefuseUnavailable { retry_after_ms: 70 }]);
    gateway.next_run([Step::delta("one"), Step::replace(""), side, Step::GapInSeq, Step::error("no model")]);
    gateway.next_run([Step::FinalWithoutMessage]);
    let refused = ask(&mut client, "a", "x").await?;
    assert_eq!(
        (&refused["error"]["code"], &refused["error"]["retryAfterMs"]),
        (&json!("UNAVAILABLE"), &json!(70))
    );
    ask(&mut client, "a", "x").await?;
    let mut seen = Vec::new();
    let mut gaps = 0;
    let mut seq = None;
    loop {
        let frame = client.until(|frame| frame["type"] == "event" || frame["ok"] == false).await?;
        if frame["type"] == "res" {
            assert_eq!(frame["payload"]["status"], "error");
            break;
        }
        let (now, payload) = (frame["seq"].as_u64().unwrap_or_default(), &frame["payload"]);
        gaps += u64::from(seq.is_some_and(|seq| now != seq + 1));
        seq = Some(now);
        let state = payload["state"].as_str().or(payload["kind"].as_str());
        seen.extend(
            state.map(|state| format!("{state}{}", payload["errorMessage"].as_str().unwrap_or_default())),
        );
    }
    assert_eq!(seen, ["delta", "delta", "btw", "errorno model", "errorError: no model"]);
    assert_eq!(gaps, 1);
    ask(&mut client, "b", "x").await?;
    assert!(client.chat("b", "final").await?["message"].is_null());
    ask(&mut client, "c", "y").await?;
    assert_eq!(client.chat("c", "final").await?["message"]["content"][0]["text"], "echo: y");
    let twice = gateway
        .record(|record| record.submitted_twice().into_iter().map(|it| it.run.clone()).collect::<Vec<_>>());
    assert_eq!(twice, ["b"], "the same text came again under another key");
    Ok(())
}

#[tokio::test]
async fn a_second_run_waits_for_the_first_and_an_abort_ends_it() -> anyhow::Result<()> {
    let gateway = Gateway::start().await?;
    let mut client = joined(&gateway).await?;
    gateway.next_run([Step::delta("half"), Step::Silence]);
    ask(&mut client, "one", "first").await?;
    client.chat("one", "delta").await?;
    assert_eq!(ask(&mut client, "one", "first").await?["payload"]["status"], "in_flight");
    ask(&mut client, "two", "second").await?;
    let now = history(&mut client).await?;
    assert_eq!(now["pendingInputs"]["items"][0]["runId"], "two");
    assert_eq!(now["sessionInfo"]["activeRunIds"], json!(["one"]));

    let abort = json!({ "sessionKey": KEY, "runId": "one" });
    assert_eq!(client.call("chat.abort", abort.clone()).await?["payload"]["runIds"], json!(["one"]));
    assert_eq!(client.chat("one", "aborted").await?["message"]["content"][0]["text"], "half");
    let answer = second(&mut client, "one").await?;
    assert_eq!((&answer["ok"], &answer["payload"]["status"]), (&json!(true), &json!("timeout")));
    client.chat("two", "final").await?;
    assert_eq!(client.call("chat.abort", abort).await?["payload"]["aborted"], false);
    let rows = gateway.rows(KEY);
    assert_eq!(rows[1]["openclawAbort"]["runId"], "one");
    assert_eq!(rows.len(), 4);
    Ok(())
}

#[tokio::test]
async fn who_did_not_subscribe_hears_nothing_and_keys_are_lower_case() -> anyhow::Result<()> {
    let gateway = Gateway::start().await?;
    let mut scoped = Client::connect(&gateway.url(), gateway.token()).await?;
    let (mut open, _) = Client::knock(&gateway.url()).await?;
    let mut params = connect_params(gateway.token());
    params["caps"] = json!([]);
    open.call("connect", params).await?;
    let run = json!({ "sessionKey": "agent:main:Test", "message": "hi", "idempotencyKey": "one" });
    assert_eq!(scoped.call("agent", run).await?["payload"]["sessionKey"], "agent:main:test");
    assert_eq!(open.chat("one", "final").await?["sessionKey"], "agent:main:test");
    second(&mut scoped, "one").await?;
    // Cut, it ends the wait for an event that must not come.
    gateway.cut(1006);
    assert!(scoped.until(|frame| frame["event"] == "chat").await.is_err());
    Ok(())
}

#[tokio::test]
async fn connections_tick_until_they_are_told_not_to() -> anyhow::Result<()> {
    let settings = Settings { tick: Duration::from_millis(5), ..Settings::default() };
    let gateway = Gateway::start_with(settings).await?;
    let mut client = joined(&gateway).await?;
    let first = client.until(|frame| frame["event"] == "tick").await?;
    let next = client.until(|frame| frame["event"] == "tick").await?;
    assert_eq!(next["seq"].as_u64(), first["seq"].as_u64().map(|seq| seq + 1));
    gateway.stop_ticking();
    gateway.announce_restart();
    let last = client.until(|frame| frame["event"] != "tick").await?;
    assert_eq!(last["event"], "shutdown");
    assert_eq!(client.closed().await?, 1012);
    Ok(())
}

#[tokio::test]
async fn attachments_and_commands_are_refused_as_the_real_gateway_does() -> anyhow::Result<()> {
    let gateway = Gateway::start().await?;
    let mut client = joined(&gateway).await?;
    assert_eq!(ask(&mut client, "a", " /new").await?["error"]["code"], "FORBIDDEN");
    let file = json!({ "type": "file", "mimeType": "text/plain", "fileName": "a.txt", "content": "aGk=" });
    let run = json!({ "sessionKey": KEY, "message": "x", "idempotencyKey": "b", "attachments": [file] });
    let error = client.call("agent", run).await?;
    assert!(
        error["error"]["message"]
            .as_str()
            .is_some_and(|message| message.starts_with("UnsupportedAttachment"))
    );
    assert_eq!(gateway.record(|record| record.prompts().len()), 0);
    Ok(())
}
