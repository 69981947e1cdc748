//! Keep-alive and back-pressure.
use super::*;
use tokio::time::{Instant, sleep};
use tokio_tungstenite::tungstenite::Message;

fn pinging(far: &Far) -> Plan {
    with(plan(far), |plan| {
        plan.ping = Some(Ping {
            every: Duration::from_secs(20),
            text: r#"{"type":"ping"}"#.into(),
            answer: is("/type", "pong"),
            within: Duration::from_secs(5),
        });
    })
}

#[tokio::test(start_paused = true)]
async fn the_declared_ping_is_sent_and_its_answer_swallowed() {
    let far = Far::pipes();
    let mut near = Near::open(pinging(&far), &far);
    let mut peer = far.accept().await;
    near.opened().await;
    let mut last = Instant::now();
    for _ in 0..100 {
        assert_eq!(peer.text().await, r#"{"type":"ping"}"#);
        assert_eq!(last.elapsed().as_secs(), 20);
        last = Instant::now();
        peer.say(r#"{"type":"pong","at":1}"#).await;
    }
    peer.say(r#"{"type":"news"}"#).await;
    assert_eq!(near.text().await, r#"{"type":"news"}"#, "and nothing before it");
}

#[tokio::test(start_paused = true)]
async fn a_ping_without_answer_is_silence_even_when_other_frames_come() {
    let far = Far::pipes();
    let mut near = Near::open(pinging(&far), &far);
    let mut peer = far.accept().await;
    near.opened().await;
    peer.text().await;
    let asked = Instant::now();
    peer.say("news").await;
    assert_eq!(near.text().await, "news");
    let (reason, again) = near.closed().await;
    assert_eq!(reason, CloseReason::Silent);
    assert_eq!(asked.elapsed().as_secs(), 5);
    assert!(again.is_some());
    far.accept().await;
    assert_eq!(near.opened().await, 2);
}

#[tokio::test(start_paused = true)]
async fn a_silent_platform_is_asked_and_then_left() {
    let far = Far::pipes();
    let mut near = Near::open(plan(&far), &far);
    let peer = far.accept().await;
    near.opened().await;
    let (open, started) = (peer, Instant::now());
    assert_eq!(near.closed().await.0, CloseReason::Silent);
    assert_eq!(started.elapsed().as_secs(), 45);
    drop(open);
    far.accept().await;
    assert_eq!(near.opened().await, 2);
}

#[tokio::test(start_paused = true)]
async fn a_platform_that_answers_pings_is_kept_for_ever() {
    let far = Far::pipes();
    let mut near = Near::open(plan(&far), &far);
    let mut peer = far.accept().await;
    near.opened().await;
    let started = Instant::now();
    for _ in 0..100 {
        // Reading on sends the pong.
        assert!(matches!(peer.next().await, Some(Ok(Message::Ping(_)))));
    }
    assert_eq!(started.elapsed().as_secs(), 3000);
    peer.say("still here").await;
    assert_eq!(near.text().await, "still here");
}

#[tokio::test]
async fn pings_of_the_platform_are_answered() {
    let far = Far::loopback().await;
    let mut near = Near::open(plan(&far), &far);
    let mut peer = far.accept().await;
    near.opened().await;
    peer.raw(&[0x89, 2, b'h', b'i']).await;
    assert_eq!(peer.next().await.unwrap().unwrap(), Message::Pong("hi".into()));
}

/// Fills the pipe until the near end reads no more.
async fn flood(peer: &mut far::Peer) -> usize {
    let frame = "x".repeat(1000);
    let mut sent = 0;
    while tokio::time::timeout(Duration::from_millis(100), peer.say(&frame)).await.is_ok() {
        sent += 1;
    }
    sent
}

#[tokio::test(start_paused = true)]
async fn a_full_mailbox_stops_the_reading_and_then_closes_as_slow() {
    let far = Far::pipes();
    let mut near =
        Near::with_places(plan(&far), &far, ports::mailbox::Capacity { events: 3, bytes: 1 << 20 });
    let mut peer = far.accept().await;
    let started = Instant::now();
    assert!(flood(&mut peer).await < 30, "what the pipe holds, and no more");
    assert!(started.elapsed() < Duration::from_secs(1));
    assert_eq!(near.gauge.reading().frames_in, 3, "the third waits beside opening and two frames");
    // Our own ear is shut, so nobody is silent; and what we say still goes out.
    near.say("busy").await.unwrap();
    assert_eq!(peer.close_code().await, 1001);
    assert_eq!(started.elapsed().as_secs(), 5);
    drop(peer);
    // Past the farewell nothing waits but the closing itself.
    sleep(Duration::from_secs(2)).await;
    assert_eq!(near.opened().await, 1);
    near.text().await;
    near.text().await;
    let (reason, again) = near.closed().await;
    assert_eq!(reason, CloseReason::Slow);
    assert!(again.is_some());
    let seen = near.gauge.reading();
    assert_eq!((seen.slow, seen.dropped), (1, 1));
    far.accept().await;
    assert_eq!(near.opened().await, 2);
}

#[tokio::test(start_paused = true)]
async fn a_place_in_time_lets_the_reading_go_on() {
    let far = Far::pipes();
    let mut near =
        Near::with_places(pinging(&far), &far, ports::mailbox::Capacity { events: 1, bytes: 1 << 20 });
    let mut peer = far.accept().await;
    for n in 0..100 {
        peer.say(&n.to_string()).await;
    }
    near.opened().await;
    for n in 0..100 {
        sleep(Duration::from_secs(4)).await;
        assert_eq!(near.text().await, n.to_string());
        // The guest is slow for minutes and the platform answers what it is asked, behind what it said before.
        while let Some(message) = peer.came() {
            if message.is_text() {
                peer.say(r#"{"type":"pong"}"#).await;
            }
        }
    }
    assert_eq!(near.gauge.reading().slow, 0);
}

#[tokio::test(start_paused = true)]
async fn openings_and_closings_wait_for_their_place() {
    let far = Far::pipes();
    let mut near =
        Near::with_places(plan(&far), &far, ports::mailbox::Capacity { events: 1, bytes: 1 << 20 });
    drop(far.accept().await);
    for connection in 1..5 {
        // The closing finds the mailbox full and waits there; nothing is dialled before it is told.
        sleep(Duration::from_secs(100)).await;
        assert_eq!(near.gauge.reading().reconnects, connection - 1);
        assert_eq!(near.opened().await, connection);
        assert!(matches!(near.closed().await.0, CloseReason::Lost(_)));
        drop(far.accept().await);
    }
}
