//! Noise: nothing panics, nothing is said twice, nothing grows.

use crate::recorded;
use openclaw::agent::{AgentAccepted, AgentEnded};
use openclaw::chat::{Chat, ChatEvent, Run, Step};
use openclaw::connect::{Auth, Challenge, Client, Hello, Wish};
use openclaw::frame::{Frame, Problem};
use openclaw::history::History;
use openclaw::link::Link;
use openclaw::policy;
use openclaw::text::spoken;
use proptest::prelude::*;
use serde_json::Value;
use std::sync::LazyLock;

static RECEIVED: LazyLock<Vec<String>> = LazyLock::new(recorded::received);

/// Everything that reads, on one text.
fn read_all(text: &str) {
    let mut link = Link::new(1);
    let wish = Wish::operator(Client::backend("1"), &[], Auth::None);
    link.connect(&wish, None, &Challenge { nonce: "n".into(), ts: 1 });
    let (id, _) = link.request("agent", Value::Null, 10);
    let _ = link.receive(text, 5);
    let _ = link.receive(text, u64::MAX);
    assert!(link.pending() <= 1);
    let _ = (link.is_silent(u64::MAX), link.silent_from(), link.next_deadline(), link.extend(id, 0));
    link.expired(u64::MAX);
    assert_eq!(link.pending(), 0);
    if let Ok(Frame::Event(event)) = Frame::read(text)
        && let Some(Ok(chat)) = ChatEvent::read(&event)
    {
        Run::new().take(&chat.chat);
    }
    let Ok(value) = serde_json::from_str::<Value>(text) else { return };
    for value in
        [&value, value.get("payload").unwrap_or(&Value::Null), value.get("error").unwrap_or(&Value::Null)]
    {
        read_value(value);
    }
}

fn read_value(value: &Value) {
    let _ = (Hello::read(value), AgentAccepted::read(value), AgentEnded::read(value), Challenge::read(value));
    let problem = Problem::read(value);
    policy::after(Some(&problem), Some(1008), "");
    if let Ok(history) = History::read(value) {
        let keys =
            history.rows.iter().flat_map(|row| [row.run.clone(), row.idempotency_key.clone()]).flatten();
        for key in keys.chain([String::new(), "k".to_owned()]) {
            history.fate(&key);
        }
    }
}

fn json() -> impl Strategy<Value = Value> {
    let words = prop::sample::select(vec![
        "chat",
        "res",
        "final",
        "delta",
        "accepted",
        "1",
        "2",
        "user",
        "assistant",
        "",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        words.prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    let names = prop::sample::select(vec![
        "type",
        "id",
        "ok",
        "payload",
        "params",
        "result",
        "error",
        "event",
        "seq",
        "runId",
        "sessionKey",
        "state",
        "message",
        "content",
        "text",
        "messages",
        "role",
        "idempotencyKey",
        "__openclaw",
        "sessionInfo",
        "activeRunIds",
        "auth",
        "scopes",
        "policy",
        "tickIntervalMs",
        "snapshot",
        "code",
        "details",
        "retryAfterMs",
        "pendingInputs",
        "items",
        "status",
        "payloads",
    ]);
    leaf.prop_recursive(6, 64, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(names.clone(), inner, 0..8).prop_map(|fields| fields
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect()),
        ]
    })
}

fn text() -> impl Strategy<Value = Option<String>> {
    prop::option::of("[ab]{0,5}")
}

fn chat() -> impl Strategy<Value = Chat> {
    prop_oneof![
        6 => (text(), any::<bool>(), text()).prop_map(|(text, replace, so_far)| Chat::Delta { text, replace, so_far }),
        1 => text().prop_map(|text| Chat::Final { text, stop_reason: None }),
        1 => text().prop_map(|text| Chat::Aborted { text, stop_reason: None }),
        1 => Just(Chat::Error { message: "no".into(), kind: None }),
        1 => Just(Chat::Unknown("new".into())),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_text_is_no_panic(text in any::<String>()) {
        read_all(&text);
    }

    #[test]
    fn arbitrary_json_is_no_panic(value in json()) {
        read_all(&value.to_string());
        read_value(&value);
    }

    #[test]
    fn a_recorded_frame_with_a_part_replaced_is_no_panic(
        which in any::<prop::sample::Index>(), from in any::<prop::sample::Index>(), length in 0..64_usize, part in any::<String>()
    ) {
        let frame = &RECEIVED[which.index(RECEIVED.len())];
        let letters: Vec<_> = frame.chars().collect();
        let from = from.index(letters.len());
        let until = (from + length).min(letters.len());
        let mutated: String = letters[..from].iter().copied().chain(part.chars()).chain(letters[until..].iter().copied()).collect();
        read_all(&mutated);
    }

    #[test]
    fn a_recorded_frame_with_a_field_of_another_type_is_no_panic(
        which in any::<prop::sample::Index>(), target in any::<prop::sample::Index>(), value in json()
    ) {
        let mut frame: Value = serde_json::from_str(&RECEIVED[which.index(RECEIVED.len())]).unwrap();
        let mut pointers = Vec::new();
        collect(&frame, String::new(), &mut pointers);
        *frame.pointer_mut(&pointers[target.index(pointers.len())]).unwrap() = value;
        read_all(&frame.to_string());
    }

    #[test]
    fn a_run_says_nothing_twice_and_ends_once(chats in prop::collection::vec(chat(), 0..30)) {
        let (mut run, mut screen, mut ends) = (Run::new(), String::new(), 0);
        for chat in &chats {
            for step in run.take(chat) {
                prop_assert_eq!(ends, 0, "a step after the end");
                match step {
                    Step::Append(text) => {
                        prop_assert!(!text.is_empty());
                        screen.push_str(&text);
                    }
                    Step::Replace(text) => {
                        prop_assert!(!text.starts_with(&screen), "an append would have done");
                        screen = text;
                    }
                    Step::Done(_) => ends += 1,
                }
            }
            prop_assert_eq!(run.said(), &screen);
            prop_assert_eq!(run.is_over(), ends == 1);
            if let Chat::Delta { so_far: Some(so_far), .. } = chat && ends == 0 {
                prop_assert!(screen.starts_with(so_far.as_str()), "{screen} lacks {so_far}");
            }
        }
        prop_assert_eq!(ends, usize::from(chats.iter().any(Chat::is_terminal)));
    }

    #[test]
    fn a_spoken_text_is_never_a_command(label in any::<String>(), text in any::<String>(), slash in any::<bool>()) {
        let (label, text) = if slash { (format!("/{label}"), format!("/new {text}")) } else { (label, text) };
        if let Ok(message) = spoken(&label, &text) {
            prop_assert!(message.starts_with("From ") && message.ends_with(&text));
            prop_assert!(!message.trim_start().starts_with('/') && !message.contains('\0'));
            let head = &message[..message.len() - text.len()];
            prop_assert!(!head.contains(char::is_control) && head.chars().count() <= 71, "{head:?}");
        }
    }
}

/// Every place in a value, as JSON pointers.
fn collect(value: &Value, at: String, pointers: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(name, value)| collect(value, format!("{at}/{name}"), pointers))
        }
        Value::Array(items) => items
            .iter()
            .enumerate()
            .for_each(|(index, value)| collect(value, format!("{at}/{index}"), pointers)),
        _ => {}
    }
    pointers.push(at);
}
