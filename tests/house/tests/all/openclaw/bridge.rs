//! A message from a platform to the gateway's agent and back, whatever it says.
use super::peek::Peek;
use super::{connected, gateway, posts, until, worked};
use crate::setup::{Result, platform};
use serde_json::json;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn a_message_comes_back_as_the_gateways_answer_and_no_text_is_a_command() -> Result {
    let mut real = gateway(json!({})).await?;
    let (occum, clanker) = platform().await?;
    let runtime = connected(&real.gateway, &occum, &clanker, "system = \"Be brief, marker-7.\"").await?;
    let channel = &clanker.control_channel;

    // Streamed, in paragraphs; the first is posted before the last is said.
    let long = "Tell me [[reply=One.\n\nTwo.\n\nThree.]] [[delay=400]]";
    occum.say(channel, 42, long).await;
    worked(&occum, channel, 1).await;
    assert_eq!(posts(&occum, channel), ["One.", "Two.", "Three."]);
    let prompts = real.gateway.prompts()?;
    assert!(prompts[0].user.starts_with("From User #42: Tell me"), "{}", prompts[0].user);
    assert!(prompts[0].system.contains("Be brief, marker-7."), "the system prompt is passed on");

    let status = runtime.status().await?;
    assert_eq!(status["agent"]["way"]["state"], "connected", "{}", status["agent"]);
    let warned = |log: &str| log.contains("tools that can do harm") && log.contains("gateway");
    until("a warning of the agent's tools", async || Ok(warned(&runtime.log()).then_some(()))).await?;

    // Read as text, all of them, and nothing else happens.
    let hostile = [
        "/new",
        " /reset",
        "\n/new now",
        "/model x",
        "stop",
        "/stop",
        "/think:high hi",
        "/status",
        "/btw who am I?",
    ];
    for (at, text) in hostile.iter().enumerate() {
        occum.say(channel, 42, text).await;
        worked(&occum, channel, at as u64 + 2).await;
    }
    let prompts = real.gateway.prompts()?;
    for text in hostile {
        let spoken = format!("From User #42: {}", text.trim_end());
        assert!(
            prompts.iter().any(|prompt| prompt.user.trim() == spoken.trim()),
            "{text:?} is not among {prompts:?}"
        );
    }
    let answers = posts(&occum, channel);
    assert_eq!(answers.len(), 3 + hostile.len());
    assert!(answers[3..].iter().all(|answer| answer.starts_with("echo: From User #42:")), "{answers:?}");
    let mut peek = Peek::new(&real.gateway).await?;
    let sessions = peek.sessions("agent:main:occum:default:").await?;
    assert_eq!(sessions.len(), 1, "one conversation is one session: {sessions:?}");
    let session = &sessions[0];
    let said = peek.said(session).await?;
    assert_eq!(said.len(), 1 + hostile.len(), "one session, that was never begun anew: {said:?}");

    // Refused with a reason, or passed on whole.
    let done = 1 + hostile.len() as u64;
    occum.say(channel, 42, "a\0b").await;
    let summaries = worked(&occum, channel, done + 1).await;
    assert!(summaries.last().is_some_and(|summary| summary.contains("NUL")), "{summaries:?}");
    let large = format!("[[reply=heard]] {}", "x".repeat(200_000));
    occum.say(channel, 42, &large).await;
    worked(&occum, channel, done + 2).await;
    assert!(real.gateway.prompts()?.iter().any(|prompt| prompt.user.len() > 200_000));
    let said = peek.said(session).await?;
    assert_eq!(said.len(), 2 + hostile.len());
    // Past what a connector may hand over: told to the operator, and the next message is answered.
    occum.say(channel, 42, &"x".repeat(300_000)).await;
    occum.say(channel, 42, "and now?").await;
    until("the next answer", async || {
        Ok(posts(&occum, channel).iter().any(|it| it.contains("and now?")).then_some(()))
    })
    .await?;
    let said = peek.said(session).await?;
    assert!(said.last().is_some_and(|last| last.contains("and now?")), "{said:?}");
    drop(peek);

    // A gateway that is asked to end lets the run end; what comes then waits for the next one.
    let before = posts(&occum, channel).len();
    occum.say(channel, 42, "last [[reply=First.\n\nSecond.]] [[delay=3000]]").await;
    until("its first part", async || Ok((posts(&occum, channel).len() > before).then_some(()))).await?;
    let ending =
        tokio::spawn(async move { real.gateway.terminate(Duration::from_secs(120)).await.map(|_| real) });
    tokio::time::sleep(Duration::from_millis(500)).await;
    occum.say(channel, 42, "next").await;
    let mut real = ending.await??;
    real.gateway.restart().await?;
    until("both answers", async || {
        Ok(posts(&occum, channel).iter().any(|it| it.contains("From User #42: next")).then_some(()))
    })
    .await?;
    assert_eq!(posts(&occum, channel)[before..], ["First.", "Second.", "echo: From User #42: next"]);
    let next = real.gateway.prompts()?.iter().filter(|prompt| prompt.user == "From User #42: next").count();
    assert_eq!(next, 1, "asked once");
    assert!(runtime.stop().await?.status.success());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_has_to_be_approved_says_so_and_goes_on_when_it_is() -> Result {
    let extra = json!({ "gateway": { "nodes": { "pairing": { "autoApproveLocal": false } } } });
    let real = gateway(extra).await?;
    let (occum, clanker) = platform().await?;
    let runtime = connected(&real.gateway, &occum, &clanker, "").await?;
    let channel = &clanker.control_channel;
    occum.say(channel, 42, "hello").await;
    let waits = |status: &serde_json::Value| status["agent"]["way"]["state"] == "awaits-approval";
    let status = runtime.status_until("that it waits for approval", waits).await?;
    let detail = status["agent"]["way"]["detail"].as_str().unwrap_or_default().to_owned();
    let request = status["agent"]["way"]["request"].as_str().unwrap_or_default().to_owned();
    assert!(
        detail.contains(&format!("openclaw devices approve {request}")) && !request.is_empty(),
        "{detail}"
    );
    let table = String::from_utf8(runtime.ask(&["status"]).await?.stdout)?;
    assert!(table.contains(&format!("openclaw devices approve {request}")), "{table}");

    // What it says to do is enough.
    let approved = real
        .gateway
        .cli(&["devices", "approve", &request, "--url", &real.gateway.url(), "--token", real.gateway.token()])
        .await?;
    assert!(approved.status.success(), "{}", String::from_utf8_lossy(&approved.stderr));
    worked(&occum, channel, 1).await;
    assert_eq!(posts(&occum, channel), ["echo: From User #42: hello"]);

    // The device has a token of its own now: the shared one is not needed any more.
    let home = runtime.home().clone();
    assert!(runtime.stop().await?.status.success());
    let config = home.script().config.replace("token = { env = \"GATEWAY_TOKEN\" }\n", "");
    std::fs::write(home.folder().join("runtime.toml"), config)?;
    let runtime = home.ready().await?;
    occum.say(channel, 42, "again").await;
    worked(&occum, channel, 2).await;
    assert_eq!(posts(&occum, channel), ["echo: From User #42: hello", "echo: From User #42: again"]);
    assert!(runtime.stop().await?.status.success());
    Ok(())
}
