//! The board as text: the lines of an event stream, as the WHATWG's HTML standard has them, and the picture as a
//! document.
//!
//! Only CR and LF end a line there. Neither can stand in compact JSON.
use crate::board::Picture;
use crate::{Change, Seen, Watch};
use bytes::Bytes;
use futures::stream::{self, Stream, StreamExt};
use ports::identity::InstanceId;
use serde_json::Value;
use std::iter::once;
use std::time::Duration;
use tokio::time::timeout;

/// A client waits so long before it connects again.
const RETRY: &str = "retry: 1000\n\n";

/// A line that clients pass over.
const COMMENT: &str = ":\n\n";

/// Never ends by itself. A comment comes after each `silence`.
pub fn events(watch: Watch, silence: Duration) -> impl Stream<Item = Bytes> {
    let events = stream::unfold(watch, move |mut watch| async move {
        let text = timeout(silence, watch.next()).await.map_or_else(|_| COMMENT.into(), |seen| event(&seen));
        Some((text.into(), watch))
    });
    stream::iter([RETRY.into()]).chain(events)
}

fn event(seen: &Seen) -> String {
    let (name, revision, data) = match seen {
        Seen::Change(Change::Set { instance, key, value, revision }) => {
            ("set", revision, format!("{{{},\"value\":{value}}}", spot(instance, key)))
        }
        Seen::Change(Change::Removed { instance, key, revision }) => {
            ("removed", revision, format!("{{{}}}", spot(instance, key)))
        }
        Seen::Ready { revision } => ("ready", revision, "{}".into()),
    };
    format!("event: {name}\nid: {revision}\ndata: {data}\n\n")
}

/// In parts: all of it at once may be much.
pub fn document(picture: Picture) -> impl Stream<Item = Bytes> {
    let head = format!("{{\"revision\":{},\"entries\":[", picture.revision);
    let entries = picture.entries.into_iter().enumerate().map(|(n, (at, entry))| {
        let comma = if n > 0 { ",\n" } else { "\n" };
        let (spot, revision, value) = (spot(&at.instance, &at.key), entry.revision, entry.value);
        format!("{comma}{{{spot},\"revision\":{revision},\"value\":{value}}}")
    });
    stream::iter(once(head).chain(entries).chain(once("\n]}\n".into())).map(Bytes::from))
}

fn spot(instance: &InstanceId, key: &str) -> String {
    format!("\"instance\":{},\"key\":{}", Value::from(instance.to_string()), Value::from(key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Board, Filter, Most};
    use futures::FutureExt;
    use std::pin::pin;

    #[test]
    fn an_event_is_three_lines() {
        let (instance, key, value) = ("t/occum/a".parse().unwrap(), "a\"\u{2028}".into(), r#"["\n"]"#.into());
        let set = Seen::Change(Change::Set { instance, key, value, revision: 7 });
        let text = "event: set\nid: 7\n\
                    data: {\"instance\":\"t/occum/a\",\"key\":\"a\\\"\u{2028}\",\"value\":[\"\\n\"]}\n\n";
        assert_eq!(event(&set), text);
        let (instance, key) = ("t/occum/a".parse().unwrap(), "a".into());
        let removed = Seen::Change(Change::Removed { instance, key, revision: 8 });
        assert_eq!(
            event(&removed),
            "event: removed\nid: 8\ndata: {\"instance\":\"t/occum/a\",\"key\":\"a\"}\n\n"
        );
        assert_eq!(event(&Seen::Ready { revision: 9 }), "event: ready\nid: 9\ndata: {}\n\n");
    }

    #[tokio::test(start_paused = true)]
    async fn silence_is_filled_with_comments() {
        let board = Board::new();
        let seat = board.seat(&"t/occum/a".parse().unwrap(), Most { keys: 1, bytes: 100 });
        let mut events = pin!(events(board.watch(Filter::all()), Duration::from_secs(15)));
        assert_eq!(events.next().await.unwrap(), RETRY);
        assert_eq!(events.next().await.unwrap(), "event: ready\nid: 0\ndata: {}\n\n");
        assert!(events.next().now_or_never().is_none());
        for _ in 0..2 {
            assert_eq!(events.next().await.unwrap(), COMMENT);
        }
        seat.set("a", "1").unwrap();
        assert!(events.next().await.unwrap().starts_with(b"event: set\nid: 1\n"));
    }

    #[tokio::test]
    async fn the_document_is_json_with_any_number_of_entries() {
        let board = Board::new();
        let seat = board.seat(&"t/occum/a".parse().unwrap(), Most { keys: 9, bytes: 100 });
        for number in 0..3 {
            let text = document(board.picture(&Filter::all())).map(|part| part.to_vec()).concat().await;
            let json: Value = serde_json::from_slice(&text).unwrap();
            assert_eq!(
                (&json["revision"], json["entries"].as_array().unwrap().len()),
                (&number.into(), number)
            );
            seat.set(&format!("{number}"), "1").unwrap();
        }
    }
}
