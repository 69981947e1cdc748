//! Keys and values that want to be more than they are.
use crate::house;
use board::{Error, Limits};
use serde_json::{Value, json};

#[tokio::test]
async fn no_value_breaks_out_of_its_line() {
    let house = house(Limits::default()).await;
    let seat = house.seat("t/occum/a");
    let mut reader = house.watch("/events").await;
    assert_eq!(reader.told().await, "ready");
    let forged = r#""\n\nevent: removed\ndata: {\"key\":\"x\"}\n\n""#;
    for (json, meant) in [
        (forged, serde_json::from_str(forged).unwrap()),
        (r#""\r\rid: 99\r\n\r\n""#, json!("\r\rid: 99\r\n\r\n")),
        ("\n{\r\n\"a\"\r:\n\n\"data: x\"\n\n}\r\n\r\n", json!({ "a": "data: x" })),
        (
            "\"\u{2028}\u{2029}\u{85}\u{b}\u{c}\u{feff}\"".replace(['\u{b}', '\u{c}'], "").as_str(),
            json!("\u{2028}\u{2029}\u{85}\u{feff}"),
        ),
        (r#""\u0000\u000a\u2028""#, json!("\0\n\u{2028}")),
        (r#"["cut \ud83d"]"#, json!(["cut \u{fffd}"])),
        (r#""]}\"}""#, json!("]}\"}")),
        (": 1", Value::Null),
        ("1e999", Value::Null),
        ("\"a\n\nb\"", Value::Null),
        ("1}\n\nevent: ready\ndata: {}\n\n", Value::Null),
        ("1,\"key\":\"other\"", Value::Null),
        ("12345678901234567890123456789.5", json!(12345678901234567890123456789.5)),
    ] {
        match seat.set("k", json) {
            Ok(changed) => assert!(changed),
            Err(error) => {
                assert!(matches!(error, Error::Json(_)) && meant.is_null(), "{json:?}: {error}");
                continue;
            }
        }
        let event = reader.event().await.unwrap();
        let wanted = json!({ "instance": "t/occum/a", "key": "k", "value": meant });
        assert_eq!(
            (&*event.name, serde_json::from_str::<Value>(&event.data).unwrap()),
            ("set", wanted),
            "{json:?}"
        );
        assert_eq!(house.state("/state").await["entries"][0]["value"], meant);
    }
    let event = seat.set("k", "[12345678901234567890123, 1.0, -0, 1E5]").map(|_| reader.event());
    assert!(event.unwrap().await.unwrap().data.ends_with("\"value\":[12345678901234567890123,1.0,-0,1E5]}"));
}

#[tokio::test]
async fn no_key_breaks_out_of_its_string() {
    let house = house(Limits::default()).await;
    let seat = house.seat("t/occum/a");
    let mut reader = house.watch("/events").await;
    assert_eq!(reader.told().await, "ready");
    for key in ["\"", "\\", "\",\"value\":1}", "\u{2028}", "a: b", "\u{feff}", "😀", &"\\".repeat(256)] {
        seat.set(key, "1").unwrap();
        let data: Value = serde_json::from_str(&reader.event().await.unwrap().data).unwrap();
        assert_eq!(data, json!({ "instance": "t/occum/a", "key": key, "value": 1 }));
        seat.remove(key);
        let data: Value = serde_json::from_str(&reader.event().await.unwrap().data).unwrap();
        assert_eq!(data, json!({ "instance": "t/occum/a", "key": key }));
    }
}

#[tokio::test]
async fn the_deepest_value_can_be_read_within_the_documents() {
    let house = house(Limits::default()).await;
    let deepest = (1..).map(|levels| "[".repeat(levels) + &"]".repeat(levels));
    let seat = house.seat("t/occum/a");
    let taken = deepest.take_while(|json| seat.set("k", json).is_ok()).last().unwrap();
    let mut reader = house.watch("/events").await;
    assert!(reader.told().await.ends_with(&taken));
    assert_eq!(house.state("/state").await["entries"][0]["value"].to_string(), taken);
}
