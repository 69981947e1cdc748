//! What is left of a run when the gateway dies in the middle of it.

use platforms::openclaw::scripted::{Gateway, Recovery, Step};
use serde_json::json;

use crate::client::Client;
use crate::runs::{ask, history, joined};

const RECOVERY: &str = "main_session_restart_recovery";

#[tokio::test]
async fn an_active_run_goes_on_under_another_id_and_a_waiting_one_never() -> anyhow::Result<()> {
    let gateway = Gateway::start().await?;
    let mut client = joined(&gateway).await?;
    gateway.next_run([Step::delta("half"), Step::Hold]);
    ask(&mut client, "one", "first").await?;
    client.chat("one", "delta").await?;
    ask(&mut client, "two", "second").await?;
    gateway.kill().await?;
    assert_eq!(client.closed().await?, 1006);
    assert!(Client::knock(&gateway.url()).await.is_err(), "nobody listens");

    gateway.next_run([Step::last("whole")]);
    gateway.revive().await?;
    let mut client = joined(&gateway).await?;
    let now = history(&mut client).await?;
    assert_eq!(now["messages"][0]["idempotencyKey"], "one:user");
    assert_eq!(now["totalMessages"], 1, "the half answer is gone");
    assert_eq!(now["pendingInputs"]["items"][0]["state"], "interrupted");
    let active = now["sessionInfo"]["activeRunIds"][0].as_str().unwrap_or_default().to_owned();
    assert_ne!(active, "one");
    assert_eq!(ask(&mut client, "two", "second").await?["error"]["code"], "UNAVAILABLE");

    gateway.resume();
    assert_eq!(client.chat(&active, "final").await?["message"]["content"][0]["text"], "whole");
    let rows = gateway.rows("agent:main:test:direct:somebody");
    assert_eq!(rows[1]["provenance"]["sourceTool"], RECOVERY);
    assert_eq!(rows[2]["__openclaw"]["runId"], active.as_str());
    assert_eq!(rows.len(), 3);
    assert!(gateway.record(|record| record.submitted_twice().is_empty()));
    Ok(())
}

#[tokio::test]
async fn a_run_that_ended_before_the_crash_fails_when_it_is_sent_again() -> anyhow::Result<()> {
    let gateway = Gateway::start().await?;
    let mut client = joined(&gateway).await?;
    ask(&mut client, "one", "first").await?;
    client.chat("one", "final").await?;
    gateway.kill().await?;
    gateway.revive().await?;
    let mut client = joined(&gateway).await?;
    assert_eq!(ask(&mut client, "one", "first").await?["payload"]["status"], "accepted");
    client.chat("one", "error").await?;
    let now = history(&mut client).await?;
    assert_eq!(now["messages"][2]["idempotencyKey"], "one:terminal-error");
    assert_eq!(gateway.record(|record| record.prompts().len()), 1);
    Ok(())
}

#[tokio::test]
async fn without_recovery_only_the_users_row_is_left_and_without_a_row_nothing_ran() -> anyhow::Result<()> {
    let gateway = Gateway::start().await?;
    gateway.after_crash(Recovery::Never);
    let mut client = joined(&gateway).await?;
    gateway.next_run([Step::Row, Step::Silence]);
    ask(&mut client, "one", "first").await?;
    gateway.prompted(1).await;
    gateway.kill().await?;
    gateway.revive().await?;
    let mut client = joined(&gateway).await?;
    assert_eq!(history(&mut client).await?["sessionInfo"]["hasActiveRun"], false);
    assert_eq!(gateway.rows("agent:main:test:direct:somebody").len(), 1);

    // Seen and not answered: the client can't know whether it arrived.
    gateway.next_run([Step::Cut(1006), Step::Accept, Step::Hold, Step::Row]);
    let request = json!({ "sessionKey": "other", "message": "lost", "idempotencyKey": "two" });
    client.send("agent", request).await?;
    assert_eq!(client.closed().await?, 1006);
    gateway.alone().await;
    assert_eq!(gateway.rows("other").len(), 0);
    gateway.release();
    gateway.ended(1).await;
    assert_eq!(gateway.rows("other").len(), 1);
    Ok(())
}
