//! What the WebSocket says.

use std::time::Duration;

use platforms::occum::{Occum, Sender, Settings};
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

use crate::client::{Rest, Socket};

#[tokio::test]
async fn a_good_token_is_told_who_and_where_it_is() -> anyhow::Result<()> {
    let occum = Occum::start().await?;
    let ada = occum.add_agent("Ada");
    let channel = occum.add_channel("general", &[&ada]);
    let mut socket = Socket::open(&occum).await?;
    socket.say(json!({ "type": "auth", "token": ada.token })).await;
    let channels = json!([ada.control_channel, channel]);
    let wanted = json!({ "type": "auth_ok", "userId": ada.user_id, "agentId": ada.id, "channels": channels });
    assert_eq!(socket.next().await, wanted);
    occum.online(&ada).await;
    Ok(())
}

#[tokio::test]
async fn a_bad_token_is_told_so_and_closed() -> anyhow::Result<()> {
    let occum = Occum::start().await?;
    let mut socket = Socket::open(&occum).await?;
    socket.say(json!({ "type": "auth", "token": "guessed" })).await;
    let answer = socket.next().await;
    assert_eq!(answer["type"], "auth_error");
    assert!(answer["message"].is_string());
    assert_eq!(socket.closed().await, 1008);
    Ok(())
}

#[tokio::test]
async fn anything_else_before_auth_is_closed() -> anyhow::Result<()> {
    let occum = Occum::start().await?;
    for first in [Message::text(r#"{"type":"ping"}"#), Message::text("hello"), Message::binary(vec![1, 2, 3])]
    {
        let mut socket = Socket::open(&occum).await?;
        socket.send(first).await;
        assert_eq!(socket.next().await["type"], "error");
        assert_eq!(socket.closed().await, 1008);
    }
    Ok(())
}

#[tokio::test]
async fn a_socket_that_never_says_who_it_is_is_closed() -> anyhow::Result<()> {
    let settings = Settings { auth_within: Duration::from_millis(10), ..Settings::default() };
    let occum = Occum::start_with(settings).await?;
    let mut socket = Socket::open(&occum).await?;
    assert_eq!(socket.next().await["type"], "error");
    assert_eq!(socket.closed().await, 1008);
    Ok(())
}

#[tokio::test]
async fn a_ping_is_answered_and_a_subscription_confirmed() -> anyhow::Result<()> {
    let occum = Occum::start().await?;
    let ada = occum.add_agent("Ada");
    let mut socket = Socket::of(&occum, &ada).await;
    socket.say(json!({ "type": "ping" })).await;
    assert_eq!(socket.next().await, json!({ "type": "pong" }));
    socket.say(json!({ "type": "subscribe", "channelId": ada.control_channel })).await;
    assert_eq!(socket.next().await, json!({ "type": "subscribed", "channelId": ada.control_channel }));
    Ok(())
}

#[tokio::test]
async fn an_unknown_frame_is_an_error_and_the_socket_stays() -> anyhow::Result<()> {
    let occum = Occum::start().await?;
    let ada = occum.add_agent("Ada");
    let mut socket = Socket::of(&occum, &ada).await;
    for frame in [
        Message::text(r#"{"type":"dance"}"#),
        Message::text("no JSON"),
        Message::binary(vec![0]),
        Message::text(r#"{"type":"subscribe","channelId":"nowhere"}"#),
        Message::text(json!({ "type": "auth", "token": ada.token }).to_string()),
    ] {
        socket.send(frame).await;
        let answer = socket.next().await;
        assert_eq!(answer["type"], "error");
        assert!(answer["message"].is_string());
    }
    socket.hears_nothing_more().await;
    Ok(())
}

#[tokio::test]
async fn what_is_said_reaches_every_socket_of_every_member_and_nobody_else() -> anyhow::Result<()> {
    let occum = Occum::start().await?;
    let (ada, bob, eve) = (occum.add_agent("Ada"), occum.add_agent("Bob"), occum.add_agent("Eve"));
    let mut members =
        [Socket::of(&occum, &ada).await, Socket::of(&occum, &ada).await, Socket::of(&occum, &bob).await];
    let mut outsider = Socket::of(&occum, &eve).await;
    // Made after they connected: membership decides, not what `auth_ok` listed.
    let channel = occum.add_channel("general", &[&ada, &bob]);
    let id = occum.say(&channel, 42, "hello").await;
    let (_, history) = Rest::new(&occum, &ada.token).get(&format!("/channels/{channel}/events")).await?;
    for socket in &mut members {
        let mut frame = socket.next().await;
        assert_eq!(frame["id"], id.as_str());
        assert_eq!(frame["senderUserId"], 42);
        assert!(frame["createdAt"].as_str().is_some_and(|at| at.ends_with('Z')));
        let fields = frame.as_object_mut().expect("an object");
        assert_eq!(fields.remove("type"), Some(json!("event")));
        assert_eq!(frame, history[0], "the frame and the history agree");
    }
    outsider.hears_nothing_more().await;
    Ok(())
}

#[tokio::test]
async fn an_agent_hears_its_own_posts() -> anyhow::Result<()> {
    let occum = Occum::start().await?;
    let ada = occum.add_agent("Ada");
    let mut socket = Socket::of(&occum, &ada).await;
    Rest::new(&occum, &ada.token).say(&ada.control_channel, "hi").await;
    let frame = socket.next().await;
    assert_eq!(frame["senderType"], "agent");
    assert_eq!(frame["senderAgentId"], ada.id.as_str());
    Ok(())
}

#[tokio::test]
async fn two_agents_in_one_channel_hear_each_other() -> anyhow::Result<()> {
    let occum = Occum::start().await?;
    let (ada, bob) = (occum.add_agent("Ada"), occum.add_agent("Bob"));
    let channel = occum.add_channel("general", &[&ada, &bob]);
    let mut socket = Socket::of(&occum, &ada).await;
    occum.say_as(&channel, &bob, "hi Ada").await;
    assert_eq!(socket.next().await["senderAgentId"], bob.id.as_str());
    assert!(occum.record(|record| record.posts(&channel)).is_empty(), "nothing came over REST");
    Ok(())
}

#[tokio::test]
async fn an_agent_hears_a_channel_from_joining_to_leaving() -> anyhow::Result<()> {
    let occum = Occum::start().await?;
    let ada = occum.add_agent("Ada");
    let channel = occum.add_channel("general", &[]);
    let mut socket = Socket::of(&occum, &ada).await;
    occum.say(&channel, 42, "before").await;
    occum.member_joined(&channel, Sender::from(&ada)).await;
    occum.say(&channel, 42, "between").await;
    occum.member_left(&channel, Sender::from(&ada)).await;
    occum.say(&channel, 42, "behind her back").await;
    assert_eq!(socket.next().await["eventType"], "member_joined");
    assert_eq!(socket.next().await["body"]["text"], "between");
    assert_eq!(socket.next().await["eventType"], "member_left");
    socket.hears_nothing_more().await;
    Ok(())
}

#[tokio::test]
async fn thousands_of_messages_arrive_complete_and_in_order() -> anyhow::Result<()> {
    let occum = Occum::start_with(Settings { keep: 0, ..Settings::default() }).await?;
    let ada = occum.add_agent("Ada");
    let mut socket = Socket::of(&occum, &ada).await;
    for n in 0..5_000 {
        occum.say(&ada.control_channel, 42, &n.to_string()).await;
    }
    for n in 0..5_000 {
        assert_eq!(socket.next().await["body"]["text"], n.to_string());
    }
    Ok(())
}

#[tokio::test]
async fn a_close_by_the_client_is_answered_and_recorded() -> anyhow::Result<()> {
    let occum = Occum::start().await?;
    let ada = occum.add_agent("Ada");
    let mut socket = Socket::of(&occum, &ada).await;
    socket.send(Message::Close(None)).await;
    assert!(matches!(socket.message().await?, Message::Close(_)));
    occum.offline().await;
    assert_eq!(occum.sockets_of(&ada).count(), 0);
    Ok(())
}
