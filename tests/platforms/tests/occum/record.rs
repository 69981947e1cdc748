//! What is remembered, and how to wait for it.

use std::time::Duration;

use futures::StreamExt;
use platforms::occum::{Happening, Occum, Requests, Settings};
use serde_json::json;

use crate::client::{Rest, Socket};

#[tokio::test]
async fn requests_are_remembered_with_all_one_asks_about() -> anyhow::Result<()> {
    let occum = Occum::start().await?;
    let ada = occum.add_agent("Ada");
    let rest = Rest::new(&occum, &ada.token);
    rest.say(&ada.control_channel, "hi").await;
    rest.get("/channels?x=1").await?;
    Rest::new(&occum, "guessed").get("/channels").await?;

    let post = &occum.asked(&Requests::post("/v1/channels"), 1).await[0];
    assert_eq!(post.path, format!("/v1/channels/{}/messages", ada.control_channel));
    assert_eq!(post.agent.as_deref(), Some(ada.id.as_str()));
    assert_eq!(post.content_type.as_deref(), Some("application/json"));
    assert_eq!((post.status(), post.json()), (Some(201), json!({ "text": "hi" })));
    let gets = occum.asked(&Requests::get("/v1/channels"), 2).await;
    assert_eq!((gets[0].query.as_deref(), gets[0].status()), (Some("x=1"), Some(200)));
    assert_eq!((gets[1].authorised(), gets[1].status()), (false, Some(401)));
    Ok(())
}

#[tokio::test]
async fn frames_are_remembered_with_the_agent_behind_them() -> anyhow::Result<()> {
    let occum = Occum::start().await?;
    let ada = occum.add_agent("Ada");
    let mut socket = Socket::of(&occum, &ada).await;
    socket.hears_nothing_more().await;
    let (auth, ping) =
        occum.record(|record| (record.frames_of("auth").remove(0), record.frames_of("ping").remove(0)));
    assert_eq!((&auth.agent, auth.json()["token"].as_str()), (&None, Some(ada.token.as_str())));
    assert_eq!(ping.agent.as_ref(), Some(&ada.id));
    assert!(!format!("{auth:?}").contains(&ada.token));
    assert!(!format!("{ada:?}").contains(&ada.token));
    Ok(())
}

#[tokio::test]
async fn posts_are_awaited_and_in_order() -> anyhow::Result<()> {
    let occum = Occum::start().await?;
    let ada = occum.add_agent("Ada");
    let rest = Rest::new(&occum, &ada.token);
    let posting = async {
        for text in ["one", "two", "three"] {
            rest.say(&ada.control_channel, text).await;
        }
    };
    let (posted, ()) = tokio::join!(occum.posted(&ada.control_channel, 3), posting);
    assert_eq!(posted.iter().filter_map(|event| event.text()).collect::<Vec<_>>(), ["one", "two", "three"]);
    Ok(())
}

#[tokio::test]
async fn waiting_in_vain_says_what_was_seen() -> anyhow::Result<()> {
    let occum = Occum::start().await?;
    let ada = occum.add_agent("Ada");
    Rest::new(&occum, &ada.token).get("/agents/me").await?;
    let seen = occum.wait_within(Duration::from_millis(1), "a miracle", |_| false).await;
    let text = seen.expect_err("no miracle happens").to_string();
    assert!(text.starts_with("waited 1ms for a miracle; seen: 1 requests (1 answered)"), "{text}");
    assert!(text.contains("GET /v1/agents/me -> 200"), "{text}");
    Ok(())
}

#[tokio::test]
#[should_panic(expected = "for 7 authenticated sockets")]
async fn waiting_too_long_fails_the_test() {
    let settings = Settings { patience: Duration::from_millis(1), ..Settings::default() };
    let occum = Occum::start_with(settings).await.expect("a port is free");
    occum.connected(7).await;
}

#[tokio::test]
async fn what_happens_can_be_watched_live() -> anyhow::Result<()> {
    let occum = Occum::start().await?;
    let ada = occum.add_agent("Ada");
    let mut happenings = occum.happenings();
    occum.say(&ada.control_channel, 42, "hello").await;
    let happening = happenings.next().await.expect("something happened");
    assert!(matches!(&happening, Happening::Event(event) if event.text() == Some("hello")));
    assert_eq!(happening.to_string(), format!("{} user 42 Message: hello", ada.control_channel));
    drop(occum);
    while happenings.next().await.is_some() {}
    Ok(())
}

#[tokio::test]
async fn little_memory_forgets_things_and_keeps_counts() -> anyhow::Result<()> {
    for keep in [0, 2] {
        let occum = Occum::start_with(Settings { keep, ..Settings::default() }).await?;
        let ada = occum.add_agent("Ada");
        let rest = Rest::new(&occum, &ada.token);
        for n in 0..5 {
            rest.say(&ada.control_channel, &n.to_string()).await;
            let session = format!("00000000-0000-0000-0000-00000000000{n}");
            let path = format!("/channels/{}/work", ada.control_channel);
            rest.post(&path, &json!({ "sessionId": session })).await?;
            rest.post(&format!("{path}/{session}/complete"), &json!({ "summary": "done" })).await?;
        }
        assert_eq!(occum.posted(&ada.control_channel, 5).await.len(), keep);
        assert_eq!(occum.worked(&ada.control_channel, 5).await.len(), keep);
        assert_eq!(occum.record(|record| (record.requests().count(), record.requests_count())), (keep, 15));
    }
    Ok(())
}

#[tokio::test]
async fn a_short_history_forgets_the_oldest_event() -> anyhow::Result<()> {
    let occum = Occum::start_with(Settings { history: 2, ..Settings::default() }).await?;
    let ada = occum.add_agent("Ada");
    let rest = Rest::new(&occum, &ada.token);
    let first = occum.say(&ada.control_channel, 42, "one").await;
    let second = occum.say(&ada.control_channel, 42, "two").await;
    let third = occum.say(&ada.control_channel, 42, "three").await;
    let path = format!("/channels/{}/events?after=", ada.control_channel);
    assert_eq!(rest.get(&format!("{path}{first}")).await?.0, 404);
    assert_eq!(rest.get(&format!("{path}{second}")).await?.1[0]["id"], third.as_str());
    Ok(())
}
