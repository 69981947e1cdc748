//! Platform → host-owned socket → connector → agent → connector → platform.
use crate::setup::{self, Result, chat};
use platforms::occum::{Door, Requests};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn a_message_goes_the_whole_way_and_its_work_session_is_completed() -> Result {
    let (occum, agent) = setup::platform().await?;
    let runtime = setup::connected(&occum, &agent).await?;
    let posts = chat(&occum, &agent, "hello there", 1).await?;
    assert_eq!(posts, ["User #42, you said:", "hello there"], "two blocks, in order");
    let work = occum.record(|record| record.work(&agent.control_channel));
    assert_eq!(work.len(), 1);
    assert_eq!(work[0].summary.as_deref(), Some("User #42, you said:\n\nhello there"));
    assert!(runtime.stop().await?.status.success());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn text_is_never_in_the_log() -> Result {
    let (occum, agent) = setup::platform().await?;
    let mut script = setup::script(&[setup::Component::Occum], setup::occum_config(&occum)).await?;
    script.environment =
        vec![("OCCUM_TOKEN".into(), agent.token.clone()), ("RUNTIME_LOG".into(), "trace".into())];
    let runtime = workbench::Runtime::ready(script).await?;
    occum.connected(1).await;
    chat(&occum, &agent, "a-very-private-word", 1).await?;
    let ended = runtime.stop().await?;
    assert!(!ended.log.contains("a-very-private-word"), "{}", ended.log);
    assert!(!ended.log.contains(&agent.token), "the token is in the log");
    assert!(ended.log.contains("host_call"), "the finest level was on");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_that_fails_is_tried_again_and_the_order_is_kept() -> Result {
    let (occum, agent) = setup::platform().await?;
    let runtime = setup::connected(&occum, &agent).await?;
    let path = format!("/v1/channels/{}/messages", agent.control_channel);
    occum.fail(Requests::post(&path).next(2), 503);
    let posts = chat(&occum, &agent, "again please", 1).await?;
    assert_eq!(posts, ["User #42, you said:", "again please"]);
    runtime.stop().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn many_messages_in_many_channels_are_each_answered_once_and_in_order() -> Result {
    let (occum, agent) = setup::platform().await?;
    let runtime = setup::connected(&occum, &agent).await?;
    let channels: Vec<String> = (0..10).map(|n| occum.add_channel(&format!("c{n}"), &[&agent])).collect();
    for n in 0..10 {
        for channel in &channels {
            occum.say(channel, 42, &format!("message {n}")).await;
        }
    }
    for channel in &channels {
        occum.worked(channel, 10).await;
        let posts = occum.posted(channel, 20).await;
        let said: Vec<_> = posts.iter().skip(1).step_by(2).filter_map(|post| post.text()).collect();
        let wanted: Vec<_> = (0..10).map(|n| format!("message {n}")).collect();
        assert_eq!(said, wanted);
    }
    runtime.stop().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_token_stops_the_dialling_and_says_what_to_do() -> Result {
    let (occum, agent) = setup::platform().await?;
    occum.refuse_token(&agent, Door::Socket);
    let mut script = setup::script(&[setup::Component::Occum], setup::occum_config(&occum)).await?;
    script.environment.push(("OCCUM_TOKEN".into(), agent.token.clone()));
    let runtime = workbench::Runtime::ready(script).await?;
    let id = "default/occum/default";
    let status = runtime
        .status_until("failed", |status| setup::instance(status, id)["rooms"]["status"]["state"] == "failed")
        .await?;
    let detail = &setup::instance(&status, id)["rooms"]["status"]["detail"];
    assert!(detail.as_str().is_some_and(|detail| detail.contains("agentToken")), "{detail}");
    let opened = occum.record(|record| record.sockets_opened());
    // Longer than the first back-off: another dial would be seen.
    let again = occum
        .wait_within(Duration::from_millis(2500), "another dial", |record| record.sockets_opened() > opened);
    assert!(again.await.is_err(), "it dialled again");
    runtime.stop().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn tools_and_agent_initiated_messages_reach_the_platform() -> Result {
    let (occum, agent) = setup::platform().await?;
    let runtime = setup::connected(&occum, &agent).await?;
    let arguments = serde_json::json!({ "text": "from a tool" });
    let sent = runtime.call("occum", "occum_send_message", &arguments).await?;
    assert_eq!(sent["sent"], true, "{sent}");
    assert_eq!(sent["channelId"], agent.control_channel.as_str());
    let output = runtime.ask(&["send", "occum/default", &agent.control_channel, "from the agent"]).await?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let posts = occum.posted(&agent.control_channel, 2).await;
    let texts: Vec<_> = posts.iter().filter_map(|post| post.text()).collect();
    assert_eq!(texts, ["from a tool", "from the agent"]);
    let channels = runtime.call("occum", "occum_list_channels", &serde_json::json!({})).await?;
    assert_eq!(channels["channels"].as_array().map(Vec::len), Some(1));
    runtime.stop().await?;
    Ok(())
}
