//! Clients that want too much, too slowly, and the end.
use crate::reader::LONG;
use crate::{TOKEN, body, house, rest};
use board::Limits;
use std::time::{Duration, Instant};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpSocket, TcpStream};

const SHORT: Duration = Duration::from_millis(300);

#[tokio::test]
async fn so_many_may_watch_and_the_next_is_told() {
    let house = house(Limits::default()).await;
    let mut readers = Vec::new();
    for _ in 0..64 {
        let mut reader = house.watch("/events").await;
        assert_eq!(reader.told().await, "ready");
        readers.push(reader);
    }
    let answer = house.get("/events").await;
    assert_eq!((answer.status().as_u16(), &answer.headers()["retry-after"]), (503, &"1".parse().unwrap()));
    assert!(body(answer).await.starts_with(b"too many"));
    // The others see what is published, and one who goes makes room.
    drop(readers.pop());
    house.get_when_free("/state").await;
    house.seat("t/occum/a").set("a", "1").unwrap();
    for reader in &mut readers {
        assert_eq!(reader.told().await, "set t/occum/a a=1");
    }
}

#[tokio::test]
async fn a_crowd_at_the_door_gets_no_room_either() {
    let house = house(Limits { connections: 1, head: LONG, ..Limits::default() }).await;
    let _reader = house.watch("/events").await;
    let mut crowd = Vec::new();
    for _ in 0..8 {
        crowd.push(house.connect().await);
    }
    // They say nothing and are heard; the next is hung up on.
    assert_eq!(rest(house.connect().await).await, "");
}

#[tokio::test]
async fn half_a_head_is_cut_off() {
    let house = house(Limits { head: SHORT, ..Limits::default() }).await;
    for text in ["", "G", "GET /events HTTP/1.1\r\nHost: localhost\r\nAuthor"] {
        let answer = house.raw(text).await;
        assert!(!answer.contains(" 200 "), "{answer}");
    }
    // The head's time is not the stream's.
    let mut reader = house.watch("/events").await;
    assert_eq!(reader.told().await, "ready");
    tokio::time::sleep(SHORT * 2).await;
    house.seat("t/occum/a").set("a", "1").unwrap();
    assert_eq!(reader.told().await, "set t/occum/a a=1");
}

#[tokio::test]
async fn who_does_not_read_is_closed() {
    let house = house(Limits { connections: 2, patience: SHORT, ..Limits::default() }).await;
    let seat = house.seat("t/occum/a");
    // More than all buffers on the way.
    for key in 0..300 {
        seat.set(&key.to_string(), &format!("\"{}\"", "x".repeat(60_000))).unwrap();
    }
    let mut lazy = Vec::new();
    for path in ["/state", "/events"] {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4 << 10).unwrap();
        let mut stream = socket.connect(house.stream.address()).await.unwrap();
        let head = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        lazy.push(stream);
    }
    // Both places are taken, until they are given up.
    let one = house.get_when_free("/events?key=none").await;
    let two = house.get_when_free("/events?key=none").await;
    drop((one, two));
    for stream in lazy {
        let got = rest(stream).await;
        assert!(got.contains(" 200 ") && !got.contains("event: ready") && !got.ends_with("0\r\n\r\n"));
    }
}

#[tokio::test]
async fn it_ends_with_its_stream() {
    let house = house(Limits::default()).await;
    let mut reader = house.watch("/events").await;
    assert_eq!(reader.told().await, "ready");
    let silent = house.connect().await;
    let address = house.stream.address();
    drop(house.stream);
    assert_eq!(reader.event().await, None);
    assert_eq!(rest(silent).await, "");
    let began = Instant::now();
    while TcpStream::connect(address).await.is_ok() {
        assert!(began.elapsed() < LONG);
        tokio::task::yield_now().await;
    }
    // The board is still there.
    assert_eq!(house.board.seat(&"t/occum/a".parse().unwrap(), crate::MOST).set("a", "1"), Ok(true));
}
