//! Every way to misbehave, and that it ends.

use std::time::Duration;

use platforms::occum::{Door, Occum, Requests};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::{self, Message};

use crate::client::{Rest, Socket};

fn upgrade_status(opened: anyhow::Result<Socket>) -> u16 {
    let Err(error) = opened else { panic!("the socket opened") };
    match error.downcast::<tungstenite::Error>() {
        Ok(tungstenite::Error::Http(response)) => response.status().as_u16(),
        other => panic!("not refused with a status: {other:?}"),
    }
}

#[tokio::test]
async fn the_next_requests_fail_and_then_no_more() -> anyhow::Result<()> {
    let occum = Occum::start().await?;
    let ada = occum.add_agent("Ada");
    let rest = Rest::new(&occum, &ada.token);
    occum.fail(Requests::any().next(2), 500);
    occum.fail(Requests::any().next(1), 503);
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(rest.get("/channels").await?.0);
    }
    assert_eq!(statuses, [500, 500, 503, 200]);
    Ok(())
}

#[tokio::test]
async fn only_the_requests_meant_fail_until_healed() -> anyhow::Result<()> {
    let occum = Occum::start().await?;
    let ada = occum.add_agent("Ada");
    let rest = Rest::new(&occum, &ada.token);
    let path = format!("/channels/{}/messages", ada.control_channel);
    occum.fail(Requests::post("/v1/channels").ending("/messages"), 500);
    for _ in 0..3 {
        assert_eq!(rest.post(&path, &json!({ "text": "hi" })).await?.0, 500);
    }
    assert_eq!(rest.get("/channels").await?.0, 200);
    Socket::of(&occum, &ada).await;
    occum.heal();
    rest.say(&ada.control_channel, "hi").await;
    assert_eq!(occum.posted(&ada.control_channel, 1).await.len(), 1, "the failed ones were not posted");
    Ok(())
}

#[tokio::test]
async fn a_lost_answer_leaves_the_message_posted() -> anyhow::Result<()> {
    let occum = Occum::start().await?;
    let ada = occum.add_agent("Ada");
    let rest = Rest::new(&occum, &ada.token);
    let mut socket = Socket::of(&occum, &ada).await;
    let posts = Requests::post("/v1/channels").ending("/messages");
    occum.lose_answers(posts.clone().next(1));
    let path = format!("/channels/{}/messages", ada.control_channel);
    assert!(rest.post(&path, &json!({ "text": "hi" })).await.is_err());
    assert_eq!(socket.next().await["body"]["text"], "hi");
    let posted = occum.posted(&ada.control_channel, 1).await;
    assert_eq!(posted[0].text(), Some("hi"));
    let asked = occum.asked(&posts, 1).await;
    assert_eq!((asked[0].status(), asked[0].json()), (None, json!({ "text": "hi" })));
    rest.say(&ada.control_channel, "hi again").await;
    Ok(())
}

#[tokio::test]
async fn a_lost_request_does_nothing() -> anyhow::Result<()> {
    let occum = Occum::start().await?;
    let ada = occum.add_agent("Ada");
    let rest = Rest::new(&occum, &ada.token);
    occum.lose_requests(Requests::post("/v1/channels").next(1));
    let path = format!("/channels/{}/messages", ada.control_channel);
    assert!(rest.post(&path, &json!({ "text": "hi" })).await.is_err());
    assert_eq!(occum.record(|record| (record.requests_count(), record.events_count())), (1, 0));
    Ok(())
}

#[tokio::test]
async fn a_slow_request_is_seen_before_it_is_served_and_healing_lets_it_go() -> anyhow::Result<()> {
    let occum = Occum::start().await?;
    let ada = occum.add_agent("Ada");
    let rest = Rest::new(&occum, &ada.token);
    occum.slow(Requests::post("/v1/channels"), Duration::MAX);
    let story = async {
        let asked = occum.asked(&Requests::post("/v1/channels"), 1).await;
        assert_eq!(asked[0].status(), None);
        assert_eq!(occum.record(|record| record.posts_count(&ada.control_channel)), 0);
        assert_eq!(Rest::new(&occum, &ada.token).get("/channels").await.expect("others are served").0, 200);
        occum.heal();
    };
    tokio::join!(rest.say(&ada.control_channel, "hi"), story);
    occum.slow(Requests::any().next(1), Duration::from_millis(1));
    assert_eq!(rest.get("/channels").await?.0, 200);
    Ok(())
}

#[tokio::test]
async fn a_token_can_be_refused_at_either_door() -> anyhow::Result<()> {
    let occum = Occum::start().await?;
    let (ada, bob) = (occum.add_agent("Ada"), occum.add_agent("Bob"));
    let rest = Rest::new(&occum, &ada.token);
    let mut before = Socket::of(&occum, &ada).await;

    occum.refuse_token(&ada, Door::Rest);
    assert_eq!(rest.get("/agents/me").await?.0, 401);
    Socket::of(&occum, &ada).await;
    assert_eq!(Rest::new(&occum, &bob.token).get("/agents/me").await?.0, 200, "the other account works");

    occum.accept_token(&ada);
    occum.refuse_token(&ada, Door::Socket);
    assert_eq!(rest.get("/agents/me").await?.0, 200);
    let mut refused = Socket::open(&occum).await?;
    refused.say(json!({ "type": "auth", "token": ada.token })).await;
    assert_eq!(refused.next().await["type"], "auth_error");
    assert_eq!(refused.closed().await, 1008);
    before.hears_nothing_more().await;

    occum.heal();
    Socket::of(&occum, &ada).await;
    Ok(())
}

#[tokio::test]
async fn an_upgrade_can_be_refused_with_a_status() -> anyhow::Result<()> {
    let occum = Occum::start().await?;
    let ada = occum.add_agent("Ada");
    for status in [401, 403, 503] {
        occum.fail(Requests::upgrades().next(1), status);
        assert_eq!(upgrade_status(Socket::open(&occum).await), status);
    }
    assert_eq!(Rest::new(&occum, &ada.token).get("/agents/me").await?.0, 200);
    Socket::of(&occum, &ada).await;
    let seen = occum.asked(&Requests::upgrades(), 4).await;
    let statuses: Vec<_> = seen.iter().map(|upgrade| upgrade.status()).collect();
    assert_eq!(statuses, [Some(401), Some(403), Some(503), Some(101)]);
    Ok(())
}

#[tokio::test]
async fn cut_sockets_end_without_a_word_and_others_live() -> anyhow::Result<()> {
    let occum = Occum::start().await?;
    let (ada, bob) = (occum.add_agent("Ada"), occum.add_agent("Bob"));
    let (mut cut, mut lives) = (Socket::of(&occum, &ada).await, Socket::of(&occum, &bob).await);
    occum.sockets_of(&ada).cut().await;
    assert!(cut.message().await.is_err());
    lives.hears_nothing_more().await;
    occum.sockets().cut().await;
    assert!(lives.message().await.is_err());
    occum.offline().await;
    Ok(())
}

#[tokio::test]
async fn a_socket_whose_client_does_not_read_can_still_be_cut() -> anyhow::Result<()> {
    let occum = Occum::start().await?;
    let ada = occum.add_agent("Ada");
    let mut socket = Socket::of(&occum, &ada).await;
    // 32 MB, more than the kernel holds for one connection.
    let bytes = vec![0; 1 << 20];
    for _ in 0..32 {
        occum.sockets().binary(&bytes);
    }
    occum.sockets().cut().await;
    while socket.message().await.is_ok() {}
    Ok(())
}

#[tokio::test]
async fn sockets_are_closed_with_the_code_asked_for_after_what_was_said() -> anyhow::Result<()> {
    let occum = Occum::start().await?;
    let ada = occum.add_agent("Ada");
    let mut socket = Socket::of(&occum, &ada).await;
    occum.say(&ada.control_channel, 42, "last words").await;
    occum.sockets().close(1012, "restart");
    assert_eq!(socket.next().await["body"]["text"], "last words");
    assert_eq!(socket.closed().await, 1012);
    assert!(socket.message().await.is_err(), "and then the connection ends");
    occum.offline().await;
    Ok(())
}

#[tokio::test]
async fn a_silent_platform_listens_and_says_nothing() -> anyhow::Result<()> {
    let occum = Occum::start().await?;
    let ada = occum.add_agent("Ada");
    let mut old = Socket::of(&occum, &ada).await;
    occum.silence();
    let mut new = Socket::open(&occum).await?;
    new.say(json!({ "type": "auth", "token": ada.token })).await;
    old.say(json!({ "type": "ping" })).await;
    let missed = occum.say(&ada.control_channel, 42, "nobody hears this").await;
    occum.wait_for("the ping", |record| !record.frames_of("ping").is_empty()).await;
    occum.wait_for("both auths", |record| record.frames_of("auth").len() == 2).await;
    assert_eq!(occum.record(|record| (record.authenticated(), record.sockets_open())), (1, 2));

    occum.speak();
    let heard = occum.say(&ada.control_channel, 42, "but this").await;
    assert_eq!(old.next().await["id"], heard.as_str());
    old.hears_nothing_more().await;
    let path = format!("/channels/{}/events?limit=2", ada.control_channel);
    assert_eq!(Rest::new(&occum, &ada.token).get(&path).await?.1[0]["id"], missed.as_str());
    Ok(())
}

#[tokio::test]
async fn garbage_binary_and_duplicates_go_out_as_told() -> anyhow::Result<()> {
    let occum = Occum::start().await?;
    let ada = occum.add_agent("Ada");
    let mut socket = Socket::of(&occum, &ada).await;
    let id = occum.say(&ada.control_channel, 42, "once").await;
    occum.sockets().text("{\"type\":");
    occum.sockets().binary(&[0, 159]);
    occum.sockets_of(&ada).again(&id);
    let once = socket.next().await;
    assert_eq!(socket.message().await?, Message::text("{\"type\":"));
    assert_eq!(socket.message().await?, Message::binary(vec![0, 159]));
    assert_eq!(socket.next().await, once);
    Ok(())
}

#[tokio::test]
async fn auth_ok_can_leave_the_agent_id_out() -> anyhow::Result<()> {
    let occum = Occum::start().await?;
    let ada = occum.add_agent("Ada");
    occum.tell_agent_ids(false);
    let mut socket = Socket::open(&occum).await?;
    socket.say(json!({ "type": "auth", "token": ada.token })).await;
    let answer = socket.next().await;
    assert_eq!((&answer["type"], &answer["agentId"]), (&json!("auth_ok"), &Value::Null));
    Ok(())
}

#[tokio::test]
async fn a_restart_cuts_everything_and_keeps_the_port_and_the_state() -> anyhow::Result<()> {
    let occum = Occum::start().await?;
    let ada = occum.add_agent("Ada");
    let rest = Rest::new(&occum, &ada.token);
    let mut socket = Socket::of(&occum, &ada).await;
    let before = occum.say(&ada.control_channel, 42, "before").await;
    assert_eq!(socket.next().await["id"], before.as_str());
    let url = occum.url();

    occum.stop_listening().await?;
    assert!(socket.message().await.is_err());
    assert!(TcpStream::connect(("127.0.0.1", occum.port())).await.is_err());
    assert!(rest.get("/agents/me").await.is_err());
    let meanwhile = occum.say(&ada.control_channel, 42, "meanwhile").await;
    occum.listen_again().await?;

    assert_eq!(occum.url(), url);
    Socket::of(&occum, &ada).await;
    occum.connected(2).await;
    let (_, events) = rest.get(&format!("/channels/{}/events?after={before}", ada.control_channel)).await?;
    assert_eq!(events[0]["id"], meanwhile.as_str());

    occum.restart().await?;
    occum.restart().await?;
    Socket::of(&occum, &ada).await;
    Ok(())
}

#[tokio::test]
async fn a_stop_does_not_wait_for_requests_that_are_held() -> anyhow::Result<()> {
    let occum = Occum::start().await?;
    let ada = occum.add_agent("Ada");
    let rest = Rest::new(&occum, &ada.token);
    occum.slow(Requests::any(), Duration::MAX);
    let story = async {
        occum.asked(&Requests::any(), 1).await;
        occum.stop_listening().await
    };
    let (answer, stopped) = tokio::join!(rest.get("/channels"), story);
    stopped?;
    assert!(answer.is_err());
    Ok(())
}

#[tokio::test]
async fn the_last_handle_takes_the_platform_along() -> anyhow::Result<()> {
    let occum = Occum::start().await?;
    let ada = occum.add_agent("Ada");
    let mut socket = Socket::of(&occum, &ada).await;
    let other = occum.clone();
    drop(occum);
    socket.hears_nothing_more().await;
    drop(other);
    assert!(socket.message().await.is_err());
    Ok(())
}
