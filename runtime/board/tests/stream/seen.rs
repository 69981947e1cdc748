//! What watchers see.
use crate::reader::{LONG, Reader};
use crate::{House, house};
use board::Limits;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpSocket;
use tokio::time::timeout;

async fn told(reader: &mut Reader, times: usize) -> Vec<String> {
    let mut all = Vec::new();
    for _ in 0..times {
        all.push(reader.told().await);
    }
    all
}

#[tokio::test]
async fn who_comes_late_gets_the_picture_then_the_changes() {
    let house = house(Limits::default()).await;
    let seat = house.seat("t/occum/a");
    for (key, value) in [("b", "{ \"x\": [1.0, 2] }"), ("a", "1"), ("gone", "1")] {
        seat.set(key, value).unwrap();
    }
    seat.remove("gone");
    let answer = house.get("/events").await;
    let headers = answer.headers().clone();
    assert_eq!(
        (&headers["content-type"], &headers["cache-control"]),
        (&"text/event-stream".parse().unwrap(), &"no-store".parse().unwrap())
    );
    let mut reader = Reader::new(answer.into_body());
    let event = reader.event().await.unwrap();
    assert_eq!(
        (&*event.name, &*event.id, &*event.data),
        ("set", "2", r#"{"instance":"t/occum/a","key":"a","value":1}"#)
    );
    assert_eq!(reader.parser.retry, Some(1000));
    let event = reader.event().await.unwrap();
    assert_eq!(event.data, r#"{"instance":"t/occum/a","key":"b","value":{"x":[1.0,2]}}"#);
    let event = reader.event().await.unwrap();
    assert_eq!((&*event.name, &*event.id), ("ready", "4"));
    seat.set("a", "2").unwrap();
    assert_eq!(reader.told().await, "set t/occum/a a=2");
    seat.remove("a");
    let event = reader.event().await.unwrap();
    assert_eq!(
        (&*event.name, &*event.id, &*event.data),
        ("removed", "6", r#"{"instance":"t/occum/a","key":"a"}"#)
    );
    house.board.forget(&"t/occum/a".parse().unwrap());
    assert_eq!(reader.told().await, "removed t/occum/a b");
}

#[tokio::test]
async fn the_state_is_the_picture() {
    let house = house(Limits::default()).await;
    assert_eq!(house.state("/state").await, json!({ "revision": 0, "entries": [] }));
    house.seat("t/occum/a").set("k", "[1]").unwrap();
    house.seat("t/occum/b").set("k", "2").unwrap();
    let entry = |account: &str, revision: u32, value: Value| {
        let instance = format!("t/occum/{account}");
        json!({ "instance": instance, "key": "k", "revision": revision, "value": value })
    };
    let all = json!({ "revision": 2, "entries": [entry("a", 1, json!([1])), entry("b", 2, json!(2))] });
    assert_eq!(house.state("/state").await, all);
    let one = json!({ "revision": 2, "entries": [entry("b", 2, json!(2))] });
    assert_eq!(house.state("/state?instance=t/occum/b").await, one);
}

#[tokio::test]
async fn only_what_is_asked_for_is_told() {
    let house = house(Limits::default()).await;
    let (mine, other, theirs) = (house.seat("t/occum/a"), house.seat("t/occum/b"), house.seat("u/occum/a"));
    let mut by_tenant = house.watch("/events?tenant=t").await;
    let mut by_instance = house.watch("/events?instance=t/occum/a&key=jobs/*").await;
    let mut by_key = house.watch("/events?key=jobs%2F1").await;
    for reader in [&mut by_tenant, &mut by_instance, &mut by_key] {
        assert_eq!(reader.told().await, "ready");
    }
    for seat in [&theirs, &mine, &other] {
        for key in ["job", "jobs/1", "jobs/12"] {
            seat.set(key, "1").unwrap();
        }
    }
    let lines = |account: &str, keys: &[&str]| -> Vec<String> {
        keys.iter().map(|key| format!("set {account} {key}=1")).collect()
    };
    let all = ["job", "jobs/1", "jobs/12"];
    assert_eq!(told(&mut by_tenant, 6).await, [lines("t/occum/a", &all), lines("t/occum/b", &all)].concat());
    assert_eq!(told(&mut by_instance, 2).await, lines("t/occum/a", &all[1..]));
    let ones = ["u/occum/a", "t/occum/a", "t/occum/b"].map(|account| lines(account, &all[1..2])).concat();
    assert_eq!(told(&mut by_key, 3).await, ones);
}

#[tokio::test]
async fn who_reads_slowly_misses_values_but_never_the_last() {
    const ROUNDS: usize = 400;
    let house = house(Limits::default()).await;
    let seat = house.seat("t/occum/a");
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4 << 10).unwrap();
    let mut slow = socket.connect(house.stream.address()).await.unwrap();
    let head =
        format!("GET /events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n\r\n", crate::TOKEN);
    slow.write_all(head.as_bytes()).await.unwrap();
    let mut quick = house.watch("/events?key=calm").await;
    assert_eq!(quick.told().await, "ready");
    for round in 0..ROUNDS {
        seat.set("hot", &format!("\"{round} {}\"", "x".repeat(60_000))).unwrap();
        if round == ROUNDS / 2 {
            seat.set("calm", "1").unwrap();
            assert_eq!(quick.told().await, "set t/occum/a calm=1");
        }
        tokio::task::yield_now().await;
    }
    seat.set("end", "1").unwrap();
    let mut text = Vec::new();
    while !text.ends_with(b"\"key\":\"end\",\"value\":1}\n\n\r\n") {
        assert!(timeout(LONG, slow.read_buf(&mut text)).await.expect("more").unwrap() > 0);
    }
    let text = String::from_utf8(text).unwrap();
    let hot: Vec<usize> = text
        .split("\"hot\",\"value\":\"")
        .skip(1)
        .map(|rest| rest.split(' ').next().unwrap().parse().unwrap())
        .collect();
    assert!(hot.is_sorted_by(|a, b| a < b) && hot.len() < ROUNDS, "{} of {ROUNDS}", hot.len());
    assert_eq!(hot.last(), Some(&(ROUNDS - 1)));
    assert_eq!(text.matches("\"calm\"").count(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_come_to_see_the_same() {
    let house = house(Limits::default()).await;
    let seats = ["t/occum/a", "t/occum/b"].map(|id| house.seat(id));
    let publishing = std::thread::spawn(move || {
        let long = "x".repeat(4 << 10);
        for step in 0..3000u32 {
            let mixed = step.wrapping_mul(2_654_435_761);
            let (seat, key) = (&seats[(mixed >> 8) as usize % 2], format!("k{}", (mixed >> 16) % 40));
            match mixed % 5 {
                0 => drop(seat.remove(&key)),
                _ => assert!(seat.set(&key, &format!("\"{step} {long}\"")).unwrap()),
            }
        }
        for seat in &seats {
            seat.set("~", "\"end\"").unwrap();
        }
    });
    let sights = tokio::join!(sight(&house, 0), sight(&house, 1), sight(&house, 20));
    publishing.join().unwrap();
    let state = house.state("/state").await;
    let spot = |data: &Value| format!("{} {}", data["instance"], data["key"]);
    let now: BTreeMap<String, Value> = state["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| (spot(entry), entry["value"].clone()))
        .collect();
    for sight in [sights.0, sights.1, sights.2] {
        assert_eq!(sight, now);
    }
}

/// Of a watcher who rests after some of the events that it reads.
async fn sight(house: &House, rest_ms: u64) -> BTreeMap<String, Value> {
    let mut reader = house.watch("/events").await;
    let (mut sight, mut revisions, mut ends, mut read) = (BTreeMap::new(), BTreeMap::new(), 0, 0);
    while ends < 2 {
        read += 1;
        if read % 50 == 0 {
            tokio::time::sleep(Duration::from_millis(rest_ms)).await;
        }
        let event = reader.event().await.unwrap();
        if event.name == "ready" {
            continue;
        }
        let data: Value = serde_json::from_str(&event.data).unwrap();
        let (spot, revision): (_, u64) =
            (format!("{} {}", data["instance"], data["key"]), event.id.parse().unwrap());
        assert!(revisions.insert(spot.clone(), revision).is_none_or(|before| before < revision));
        ends += usize::from(data["key"] == "~");
        match event.name.as_str() {
            "set" => drop(sight.insert(spot, data["value"].clone())),
            _ => assert!(sight.remove(&spot).is_some(), "removed, never told"),
        }
    }
    // The ends were the last to change, so all else was told before.
    sight
}

#[tokio::test]
async fn silence_is_filled_with_comments() {
    let limits = Limits { silence: Duration::from_millis(50), ..Limits::default() };
    let house = house(limits).await;
    let mut reader = house.watch("/events").await;
    while reader.parser.comments < 3 {
        reader.part().await.unwrap();
    }
    house.seat("t/occum/a").set("a", "1").unwrap();
    assert_eq!(told(&mut reader, 2).await, ["ready", "set t/occum/a a=1"]);
}
