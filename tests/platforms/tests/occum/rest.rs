//! What REST answers.

use platforms::occum::{Occum, Sender};
use serde_json::{Value, json};

use crate::client::Rest;

const SESSION: &str = "5f0c2b4e-6a0f-5d6e-9c57-0d6f3d0f7b11";

fn ids(events: &Value) -> Vec<String> {
    let events = events.as_array().expect("a list of events");
    events.iter().map(|event| event["id"].as_str().expect("an id").to_owned()).collect()
}

#[tokio::test]
async fn a_request_without_a_good_token_is_unauthorised() -> anyhow::Result<()> {
    let occum = Occum::start().await?;
    occum.add_agent("Ada");
    for token in ["", "guessed"] {
        let (status, body) = Rest::new(&occum, token).get("/agents/me").await?;
        assert_eq!(status, 401);
        assert!(body["error"].is_string());
    }
    assert!(occum.record(|record| record.requests().all(|request| !request.authorised())));
    Ok(())
}

#[tokio::test]
async fn an_agent_learns_who_it_is() -> anyhow::Result<()> {
    let occum = Occum::start().await?;
    let ada = occum.add_agent_with("Ada", "known-beforehand");
    let (status, me) = Rest::new(&occum, "known-beforehand").get("/agents/me").await?;
    assert_eq!(status, 200);
    assert_eq!(me, json!({ "id": ada.id, "name": "Ada", "controlChannelId": ada.control_channel }));
    Ok(())
}

#[tokio::test]
async fn the_channels_listed_are_those_the_agent_is_in() -> anyhow::Result<()> {
    let occum = Occum::start().await?;
    let (ada, bob) = (occum.add_agent("Ada"), occum.add_agent("Bob"));
    let general = occum.add_channel("general", &[&ada, &bob]);
    occum.add_channel("bob only", &[&bob]);
    let (_, channels) = Rest::new(&occum, &ada.token).get("/channels").await?;
    assert_eq!(ids(&channels), [ada.control_channel.clone(), general]);
    assert_eq!(channels[1]["name"], "general");
    assert_eq!(channels[1]["type"], "group");
    assert!(channels[1]["description"].is_string());
    Ok(())
}

#[tokio::test]
async fn a_channel_one_is_not_in_does_not_exist() -> anyhow::Result<()> {
    let occum = Occum::start().await?;
    let (ada, bob) = (occum.add_agent("Ada"), occum.add_agent("Bob"));
    let rest = Rest::new(&occum, &ada.token);
    for channel in [bob.control_channel.as_str(), "nowhere"] {
        assert_eq!(rest.get(&format!("/channels/{channel}/events")).await?.0, 404);
        assert_eq!(
            rest.post(&format!("/channels/{channel}/messages"), &json!({ "text": "hi" })).await?.0,
            404
        );
        assert_eq!(
            rest.post(&format!("/channels/{channel}/work"), &json!({ "sessionId": SESSION })).await?.0,
            404
        );
    }
    Ok(())
}

#[tokio::test]
async fn without_after_the_newest_events_come_oldest_first() -> anyhow::Result<()> {
    let occum = Occum::start().await?;
    let ada = occum.add_agent("Ada");
    let channel = occum.add_channel("general", &[&ada]);
    let rest = Rest::new(&occum, &ada.token);
    let path = format!("/channels/{channel}/events");
    assert_eq!(rest.get(&path).await?, (200, json!([])));
    let mut said = Vec::new();
    for n in 0..150 {
        said.push(occum.say(&channel, 42, &n.to_string()).await);
    }
    assert_eq!(ids(&rest.get(&path).await?.1), said[130..]);
    assert_eq!(ids(&rest.get(&format!("{path}?limit=3")).await?.1), said[147..]);
    assert_eq!(ids(&rest.get(&format!("{path}?limit=100")).await?.1), said[50..]);
    Ok(())
}

#[tokio::test]
async fn after_is_exclusive_and_pages_to_the_end() -> anyhow::Result<()> {
    let occum = Occum::start().await?;
    let ada = occum.add_agent("Ada");
    let channel = occum.add_channel("general", &[&ada]);
    let rest = Rest::new(&occum, &ada.token);
    let mut said = Vec::new();
    for n in 0..45 {
        said.push(occum.say(&channel, 42, &n.to_string()).await);
    }
    let (mut cursor, mut seen) = (said[0].clone(), Vec::new());
    loop {
        let page = ids(&rest.get(&format!("/channels/{channel}/events?after={cursor}")).await?.1);
        let Some(last) = page.last() else { break };
        cursor.clone_from(last);
        seen.extend(page);
    }
    assert_eq!(seen, said[1..]);
    Ok(())
}

#[tokio::test]
async fn an_unknown_after_is_not_found() -> anyhow::Result<()> {
    let occum = Occum::start().await?;
    let ada = occum.add_agent("Ada");
    let channel = occum.add_channel("general", &[&ada]);
    let elsewhere = occum.say(&ada.control_channel, 42, "elsewhere").await;
    let rest = Rest::new(&occum, &ada.token);
    for after in ["ev_unheard_of", &elsewhere] {
        assert_eq!(rest.get(&format!("/channels/{channel}/events?after={after}")).await?.0, 404);
    }
    Ok(())
}

#[tokio::test]
async fn a_page_that_cannot_be_is_refused() -> anyhow::Result<()> {
    let occum = Occum::start().await?;
    let ada = occum.add_agent("Ada");
    let rest = Rest::new(&occum, &ada.token);
    for query in ["limit=0", "limit=101", "limit=-1", "limit=many", "before=x"] {
        let (status, body) = rest.get(&format!("/channels/{}/events?{query}", ada.control_channel)).await?;
        assert_eq!(status, 400, "{query}");
        assert!(body["error"].is_string());
    }
    Ok(())
}

#[tokio::test]
async fn a_body_of_another_shape_is_refused() -> anyhow::Result<()> {
    let occum = Occum::start().await?;
    let ada = occum.add_agent("Ada");
    let rest = Rest::new(&occum, &ada.token);
    let channel = &ada.control_channel;
    for (path, body) in [
        ("messages", ""),
        ("messages", "{"),
        ("messages", "{}"),
        ("messages", r#"{"text":7}"#),
        ("messages", r#"{"text":""}"#),
        ("messages", r#"{"text":"hi","colour":"red"}"#),
        ("work", r#"{"sessionId":"not a uuid"}"#),
        ("work", r#"{"session":"x"}"#),
    ] {
        let json = Some("application/json; charset=utf-8");
        let (status, answer) = rest.send("POST", &format!("/channels/{channel}/{path}"), body, json).await?;
        assert_eq!(status, 400, "{path} {body}");
        assert!(answer["error"].is_string());
    }
    for kind in [None, Some("text/plain")] {
        let path = format!("/channels/{channel}/messages");
        assert_eq!(rest.send("POST", &path, r#"{"text":"hi"}"#, kind).await?.0, 415);
    }
    assert_eq!(occum.record(|record| record.posts_count(channel)), 0);
    Ok(())
}

#[tokio::test]
async fn what_is_not_there_is_refused_in_json() -> anyhow::Result<()> {
    let occum = Occum::start().await?;
    let ada = occum.add_agent("Ada");
    let rest = Rest::new(&occum, &ada.token);
    assert_eq!(rest.get("/weather").await?.0, 404);
    assert_eq!(rest.post("/channels", &json!({})).await?.0, 405);
    assert!(rest.get("/ws").await?.0 >= 400, "a GET that is no upgrade");
    let huge = json!({ "text": "x".repeat(2 << 20) });
    // Refused before it is read to its end, so the client may as well see the connection break.
    if let Ok((status, _)) = rest.post(&format!("/channels/{}/messages", ada.control_channel), &huge).await {
        assert_eq!(status, 413);
    }
    Ok(())
}

#[tokio::test]
async fn a_posted_message_is_an_event_like_any_other() -> anyhow::Result<()> {
    let occum = Occum::start().await?;
    let ada = occum.add_agent("Ada");
    let channel = occum.add_channel("general", &[&ada]);
    let rest = Rest::new(&occum, &ada.token);
    let heard = occum.say(&channel, 42, "question").await;
    let event = rest.say(&channel, "answer").await;
    assert_eq!(event["channelId"], channel.as_str());
    assert_eq!(event["eventType"], "message");
    assert_eq!(event["senderType"], "agent");
    assert_eq!(event["senderAgentId"], ada.id.as_str());
    assert_eq!(event["senderUserId"], Value::Null);
    assert_eq!(event["body"], json!({ "text": "answer" }));
    let (_, events) = rest.get(&format!("/channels/{channel}/events?after={heard}")).await?;
    assert_eq!(events, json!([event]));
    Ok(())
}

#[tokio::test]
async fn a_work_session_is_opened_and_completed_and_both_are_events() -> anyhow::Result<()> {
    let occum = Occum::start().await?;
    let ada = occum.add_agent("Ada");
    let channel = occum.add_channel("general", &[&ada]);
    let rest = Rest::new(&occum, &ada.token);
    let (open, complete) =
        (format!("/channels/{channel}/work"), format!("/channels/{channel}/work/{SESSION}/complete"));
    assert_eq!(rest.post(&complete, &json!({ "summary": "too early" })).await?.0, 404);
    assert_eq!(rest.post(&open, &json!({ "sessionId": SESSION })).await?.0, 201);
    assert_eq!(occum.record(|record| record.work(&channel)[0].summary.clone()), None);
    // The same again, as after a lost answer: fine, and no second event.
    assert_eq!(rest.post(&open, &json!({ "sessionId": SESSION })).await?.0, 200);
    assert_eq!(rest.post(&complete, &json!({ "summary": "done" })).await?.0, 200);
    assert_eq!(rest.post(&complete, &json!({ "summary": "done" })).await?.0, 200);

    let work = occum.worked(&channel, 1).await;
    assert_eq!((work[0].id.as_str(), work[0].opened, work[0].completed), (SESSION, 2, 2));
    assert_eq!(work[0].summary.as_deref(), Some("done"));
    let (_, events) = rest.get(&format!("/channels/{channel}/events")).await?;
    let statuses = events.as_array().expect("a list").iter().map(|event| &event["body"]["status"]);
    assert_eq!(statuses.collect::<Vec<_>>(), ["started", "completed"]);
    assert_eq!(events[0]["eventType"], "work");
    Ok(())
}

#[tokio::test]
async fn a_work_session_belongs_to_the_agent_that_opened_it() -> anyhow::Result<()> {
    let occum = Occum::start().await?;
    let (ada, bob) = (occum.add_agent("Ada"), occum.add_agent("Bob"));
    let channel = occum.add_channel("general", &[&ada, &bob]);
    let body = json!({ "sessionId": SESSION });
    let path = format!("/channels/{channel}/work");
    assert_eq!(Rest::new(&occum, &ada.token).post(&path, &body).await?.0, 201);
    assert_eq!(Rest::new(&occum, &bob.token).post(&path, &body).await?.0, 409);
    Ok(())
}

#[tokio::test]
async fn event_ids_say_nothing_about_the_order() -> anyhow::Result<()> {
    let occum = Occum::start().await?;
    let ada = occum.add_agent("Ada");
    let mut said = Vec::new();
    // 20 random ids in order by chance: 1 in 20!, which is never.
    for _ in 0..20 {
        said.push(occum.say(&ada.control_channel, 42, "tick").await);
    }
    assert!(!said.is_sorted());
    Ok(())
}

#[tokio::test]
async fn members_come_and_go_as_events() -> anyhow::Result<()> {
    let occum = Occum::start().await?;
    occum.add_user(42, "Grace");
    let (ada, bob) = (occum.add_agent("Ada"), occum.add_agent("Bob"));
    let channel = occum.add_channel("general", &[&ada]);
    occum.member_joined(&channel, Sender::User(42)).await;
    occum.member_joined(&channel, Sender::from(&bob)).await;
    occum.member_left(&channel, Sender::User(7)).await;
    let (_, events) = Rest::new(&occum, &bob.token).get(&format!("/channels/{channel}/events")).await?;
    assert_eq!(events[0]["eventType"], "member_joined");
    assert_eq!(events[0]["body"], json!({ "userId": 42, "name": "Grace" }));
    assert_eq!(events[1]["body"], json!({ "agentId": bob.id, "name": "Bob" }));
    assert_eq!(events[2]["eventType"], "member_left");
    assert_eq!(events[2]["body"], json!({ "userId": 7, "name": "User #7" }));
    Ok(())
}
