//! The way out, and the end of a connection.
use super::*;
use bytes::Bytes;
use futures::future::{join, join_all};
use futures::{FutureExt, SinkExt};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

#[tokio::test]
async fn text_and_binary_go_both_ways_and_are_counted() {
    let far = Far::loopback().await;
    let mut near = Near::open(plan(&far), &far);
    let mut peer = far.accept().await;
    near.opened().await;
    let bytes = Bytes::from_static(&[0, 255, 1]);
    patient(near.socket.send(Frame::Binary(bytes.clone()), &[])).await.unwrap();
    assert_eq!(peer.next().await.unwrap().unwrap(), Message::Binary(bytes.clone()));
    patient(peer.socket.send(Message::Binary(bytes.clone()))).await.unwrap();
    assert_eq!(near.event().await, What::Message(Frame::Binary(bytes)));
    near.say("hello").await.unwrap();
    peer.say("hi").await;
    assert_eq!(near.text().await, "hi");
    let seen = near.gauge.reading();
    assert_eq!((seen.frames_in, seen.frames_out, seen.bytes_in, seen.bytes_out), (2, 2, 5, 8));
    assert_eq!(seen.state, State::Ready);
    assert!(seen.last_frame_ms > 0);
}

#[tokio::test]
async fn frames_keep_the_order_of_the_calls() {
    let far = Far::loopback().await;
    let mut near = Near::open(plan(&far), &far);
    let mut peer = far.accept().await;
    near.opened().await;
    let texts: Vec<String> = (0..200).map(|n| format!("{n} {}", "x".repeat(20_000))).collect();
    let sends = join_all(texts.iter().map(|text| near.say(text)));
    let reads = async {
        for text in &texts {
            assert_eq!(peer.text().await, *text);
        }
    };
    let (sent, ()) = join(sends, reads).await;
    assert!(sent.iter().all(Result::is_ok));
}

#[tokio::test]
async fn a_frame_over_the_limit_is_refused_and_the_connection_stays() {
    let far = Far::loopback().await;
    let mut near = Near::open(plan(&far), &far);
    let mut peer = far.accept().await;
    near.opened().await;
    let limit = 64 << 10;
    let too_large = Err(SendError::TooLarge { bytes: limit + 1, limit });
    assert_eq!(near.say(&"x".repeat(limit + 1)).await, too_large);
    let whole = "x".repeat(limit);
    let (sent, got) = join(near.say(&whole), peer.text()).await;
    sent.unwrap();
    assert_eq!(got, whole);
}

#[tokio::test]
async fn whoever_waits_in_the_queue_of_a_dead_connection_is_told() {
    let far = Far::pipes();
    let mut near = Near::open(plan(&far), &far);
    let peer = far.accept().await;
    near.opened().await;
    let frame = "x".repeat(60_000);
    let mut sends = Box::pin(join_all((0..40).map(|_| near.say(&frame))));
    assert!(sends.as_mut().now_or_never().is_none());
    drop(peer);
    assert!(sends.await.iter().all(|sent| *sent == Err(SendError::Closed)));
    near.closed().await;
    let mut peer = far.accept().await;
    assert_eq!(near.opened().await, 2);
    near.say("new").await.unwrap();
    assert_eq!(peer.text().await, "new", "nothing of the old queue");
}

#[tokio::test]
async fn a_cancelled_send_that_was_not_begun_is_not_sent() {
    let far = Far::pipes();
    let mut near = Near::open(plan(&far), &far);
    let mut peer = far.accept().await;
    near.opened().await;
    let large = "x".repeat(60_000);
    {
        let mut begun = Box::pin(near.say(&large));
        assert!(begun.as_mut().now_or_never().is_none());
        tokio::task::yield_now().await;
        assert!(near.say("cancelled").now_or_never().is_none());
        let (sent, got) = join(begun, peer.text()).await;
        sent.unwrap();
        assert_eq!(got.len(), 60_000);
    }
    near.say("last").await.unwrap();
    assert_eq!(peer.text().await, "last");
}

#[tokio::test]
async fn dropping_the_socket_closes_with_1000() {
    let far = Far::loopback().await;
    let mut near = Near::open(plan(&far), &far);
    let mut peer = far.accept().await;
    near.opened().await;
    let (sender, gauge) = (near.socket.sender(), near.gauge.clone());
    drop(near);
    assert_eq!(peer.close_code().await, 1000);
    assert_eq!(gauge.reading().state, State::Stopped);
    assert_eq!(sender.send("late".into(), &[]).await, Err(SendError::NotOpen));
}

#[tokio::test]
async fn dropping_the_socket_ends_it_in_the_middle_of_a_dial() {
    let far = Far::pipes();
    let near = Near::open(plan(&far), &far);
    let mut stream = far.stream().await;
    far::read_head(&mut stream).await;
    drop(near);
    let end = patient(tokio::io::AsyncReadExt::read(&mut stream, &mut [0])).await;
    assert!(matches!(end, Ok(0)), "{end:?}");
}

#[tokio::test]
async fn the_code_and_text_of_the_platform_are_told() {
    let far = Far::loopback().await;
    let mut near = Near::open(plan(&far), &far);
    for (code, text) in [(1000, "bye"), (1012, ""), (4009, "session timed out")] {
        let mut peer = far.accept().await;
        near.opened().await;
        let frame = CloseFrame { code: code.into(), reason: text.into() };
        peer.socket.close(Some(frame)).await.unwrap();
        assert_eq!(peer.close_code().await, code, "echoed");
        let (reason, again) = near.closed().await;
        assert_eq!(reason, CloseReason::Peer { code: Some(code), text: text.into() });
        assert!(again.is_some());
    }
    let mut peer = far.accept().await;
    near.opened().await;
    peer.socket.close(None).await.unwrap();
    assert_eq!(near.closed().await.0, CloseReason::Peer { code: None, text: String::new() });
    drop(far.accept().await);
    near.opened().await;
    assert!(matches!(near.closed().await.0, CloseReason::Lost(_)));
}

#[tokio::test]
async fn what_came_before_the_end_is_told_even_when_nothing_can_be_sent_any_more() {
    let far = Far::pipes();
    let mut near =
        Near::with_places(plan(&far), &far, ports::mailbox::Capacity { events: 1, bytes: 1 << 20 });
    let mut peer = far.accept().await;
    peer.say("one").await;
    peer.say("two").await;
    peer.socket.close(Some(CloseFrame { code: 4000.into(), reason: "over".into() })).await.unwrap();
    drop(peer);
    while near.gauge.reading().frames_in == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(near.say("hello?").await, Err(SendError::Closed));
    near.opened().await;
    assert_eq!(near.text().await, "one");
    assert_eq!(near.text().await, "two");
    assert_eq!(near.closed().await.0, CloseReason::Peer { code: Some(4000), text: "over".into() });
}

#[tokio::test(start_paused = true)]
async fn a_platform_that_never_reads_is_given_up() {
    let far = Far::pipes();
    let mut near = Near::open(plan(&far), &far);
    let _peer = far.accept().await;
    near.opened().await;
    assert_eq!(near.say(&"x".repeat(60_000)).await, Err(SendError::Closed));
    assert_eq!(near.closed().await.0, CloseReason::NotReading);
}
