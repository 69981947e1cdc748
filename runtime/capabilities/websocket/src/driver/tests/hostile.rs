//! Far ends that mean harm: rows 13, 15 and 16 of the adversarial cases.
use super::*;
use futures::SinkExt;
use tokio::io::AsyncWriteExt;
use tokio_tungstenite::tungstenite::Message;

/// Sends these bytes after the upgrade; why we closed, and with which code.
async fn provoke(bytes: &[u8]) -> (CloseReason, u16) {
    let far = Far::loopback().await;
    let mut near = Near::open(with(plan(&far), |plan| plan.max_message_bytes = 1000), &far);
    let mut peer = far.accept().await;
    near.opened().await;
    peer.raw(bytes).await;
    let code = peer.close_code().await;
    drop(peer);
    let (reason, again) = near.closed().await;
    assert!(again.is_some(), "it is dialled again");
    let mut peer = far.accept().await;
    assert_eq!(near.opened().await, 2);
    peer.say("well again").await;
    assert_eq!(near.text().await, "well again");
    (reason, code)
}

#[tokio::test]
async fn a_giant_message_is_refused_by_its_header() {
    let giant = [&[0x81, 127], (1u64 << 40).to_be_bytes().as_slice()].concat();
    assert_eq!(provoke(&giant).await, (CloseReason::TooLarge, 1009));
    let one_over = [&[0x82, 126, 0x03, 0xe9], [0; 1001].as_slice()].concat();
    assert_eq!(provoke(&one_over).await, (CloseReason::TooLarge, 1009));
}

#[tokio::test]
async fn endless_fragments_end_at_the_limit() {
    let fragments = [&[0x01, 1, b'x'], [0x00, 1, b'x'].repeat(1000).as_slice()].concat();
    assert_eq!(provoke(&fragments).await, (CloseReason::TooLarge, 1009));
}

#[tokio::test]
async fn text_that_is_not_utf8_is_refused() {
    assert_eq!(provoke(&[0x81, 2, 0xc3, 0x28]).await, (CloseReason::NotUtf8, 1007));
    assert_eq!(provoke(&[0x01, 1, 0xc3, 0x80, 1, 0x28]).await, (CloseReason::NotUtf8, 1007));
}

#[tokio::test]
async fn what_breaks_the_protocol_is_refused() {
    let cases: [&[u8]; 7] = [
        &[0xc1, 1, b'x'],                // reserved bit: compressed, and we offered no compression
        &[0x83, 0],                      // reserved opcode
        &[0x8b, 0],                      // reserved control opcode
        &[0x80, 1, b'x'],                // a fragment of nothing
        &[0x09, 0],                      // a fragmented ping
        &[0x81, 0x81, 1, 2, 3, 4, 0],    // masked
        &[0x01, 1, b'x', 0x81, 1, b'x'], // a message within a message
    ];
    for bytes in cases {
        let (reason, code) = provoke(bytes).await;
        assert!(matches!(reason, CloseReason::Protocol(_)), "{reason:?} {bytes:x?}");
        assert_eq!(code, 1002, "{bytes:x?}");
    }
}

#[tokio::test]
async fn floods_of_frames_that_carry_nothing_are_ended() {
    let pings = [0x89, 0].repeat(64 << 10);
    let empty_fragments = [&[0x01, 0], [0x00, 0].repeat(64 << 10).as_slice()].concat();
    for flood in [pings, empty_fragments] {
        let far = Far::loopback().await;
        let mut near = Near::open(with(plan(&far), |plan| plan.max_message_bytes = 1000), &far);
        let mut peer = far.accept().await;
        near.opened().await;
        // It may be hung up on in the middle.
        let _ = patient(peer.socket.get_mut().write_all(&flood)).await;
        let (reason, _) = near.closed().await;
        assert!(matches!(reason, CloseReason::Protocol(_)), "{reason:?}");
    }
}

#[tokio::test]
async fn a_flood_of_swallowed_answers_is_ended() {
    let far = Far::loopback().await;
    let long = Duration::from_secs(3600);
    let answer = is("/type", "pong");
    let ping = Some(Ping { every: long, text: "ping".into(), answer, within: long });
    let flooded = with(plan(&far), |plan| {
        plan.max_message_bytes = 1000;
        plan.ping = ping;
    });
    let mut near = Near::open(flooded, &far);
    let mut peer = far.accept().await;
    near.opened().await;
    while patient(peer.socket.send(Message::text(r#"{"type":"pong"}"#))).await.is_ok() {}
    let (reason, _) = near.closed().await;
    assert!(matches!(reason, CloseReason::Protocol(_)), "{reason:?}");
}

#[tokio::test]
async fn a_flooding_platform_does_not_starve_what_we_send() {
    let far = Far::loopback().await;
    let places = ports::mailbox::Capacity { events: 8, bytes: 1 << 20 };
    let mut near = Near::with_places(plan(&far), &far, places);
    let peer = far.accept().await;
    near.opened().await;
    let (mut out, mut back) = futures::StreamExt::split(peer.socket);
    let flood = tokio::spawn(async move { while out.send(Message::text("x".repeat(500))).await.is_ok() {} });
    let sender = near.socket.sender();
    let sends = tokio::spawn(async move {
        for n in 0..200 {
            patient(sender.send(n.to_string().as_str().into(), &[])).await.unwrap();
            let got = patient(futures::StreamExt::next(&mut back)).await.unwrap().unwrap();
            assert_eq!(got, Message::text(n.to_string()));
        }
    });
    let mut read = 0u64;
    while !sends.is_finished() {
        near.text().await;
        read += 1;
    }
    sends.await.unwrap();
    assert!(read > 200, "and the flood is still read: {read}");
    drop(near);
    flood.await.unwrap();
}

#[tokio::test]
async fn an_answer_that_is_no_upgrade_is_told_and_tried_again() {
    let far = Far::loopback().await;
    let mut near = Near::open(plan(&far), &far);
    for answer in [
        "HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n",
        "SSH-2.0-OpenSSH\r\n\r\n",
        "",
    ] {
        let mut stream = far.stream().await;
        far::read_head(&mut stream).await;
        stream.write_all(answer.as_bytes()).await.unwrap();
        drop(stream);
        let (reason, again) = near.closed().await;
        assert!(matches!(reason, CloseReason::Protocol(_) | CloseReason::Lost(_)), "{reason:?}");
        assert!(again.is_some());
    }
    far.refuse(302).await;
    assert_eq!(near.closed().await.0, CloseReason::Refused { status: 302 }, "no redirect is followed");
    far.accept().await;
    near.opened().await;
}
