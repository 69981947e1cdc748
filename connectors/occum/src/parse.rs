//! Frames of the server, read. Pure.

use crate::channel::ChannelId;
use crate::time;
use serde::de::{Error, IgnoredAny};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// One frame of the server. What is none of these is `None` and ignored, as is what can't be read.
#[derive(Debug, PartialEq)]
pub(crate) enum Frame {
    AuthOk { agent_id: Option<String>, channels: usize },
    AuthError { message: String },
    Message(Message),
    Error { message: String },
}

/// A message in a channel with something in it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Message {
    /// Opaque.
    pub(crate) id: String,
    pub(crate) channel: ChannelId,
    pub(crate) sender: Sender,
    pub(crate) text: String,
    /// 0 when the platform's time can't be read.
    pub(crate) sent_at_ms: u64,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Sender {
    User(String),
    Agent(String),
}

/// Reads a text frame.
pub(crate) fn frame(text: &str) -> Option<Frame> {
    let wire: Wire = serde_json::from_str(text).ok()?;
    Some(match wire.kind.as_str() {
        "event" => Frame::Message(wire.message()?),
        "auth_ok" => Frame::AuthOk { agent_id: wire.agent_id, channels: wire.channels.len() },
        "auth_error" => Frame::AuthError { message: wire.message },
        "error" => Frame::Error { message: wire.message },
        _ => return None,
    })
}

/// The fields of all frames in one: an enum by `type` would have each frame read into a tree first.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    #[serde(rename = "type")]
    kind: String,
    // auth_ok
    #[serde(default, deserialize_with = "id")]
    agent_id: Option<String>,
    #[serde(default)]
    channels: Vec<IgnoredAny>,
    // auth_error, error
    #[serde(default)]
    message: String,
    // event
    #[serde(default, deserialize_with = "id")]
    id: Option<String>,
    channel_id: Option<ChannelId>,
    #[serde(default)]
    event_type: String,
    #[serde(default)]
    sender_type: String,
    #[serde(default, deserialize_with = "id")]
    sender_user_id: Option<String>,
    #[serde(default, deserialize_with = "id")]
    sender_agent_id: Option<String>,
    body: Option<Body>,
    #[serde(default)]
    created_at: String,
}

#[derive(Deserialize)]
struct Body {
    text: Option<Value>,
}

impl Wire {
    /// None for what is no message, or has no text.
    fn message(self) -> Option<Message> {
        let Value::String(text) = self.body?.text? else { return None };
        if self.event_type != "message" || text.is_empty() {
            return None;
        }
        let sender = match self.sender_type.as_str() {
            "user" => Sender::User(self.sender_user_id.unwrap_or_else(unknown)),
            "agent" => Sender::Agent(self.sender_agent_id.unwrap_or_else(unknown)),
            _ => return None,
        };
        let sent_at_ms = time::epoch_ms(&self.created_at).unwrap_or(0);
        Some(Message { id: self.id?, channel: self.channel_id?, sender, text, sent_at_ms })
    }
}

fn unknown() -> String {
    "unknown".to_owned()
}

/// An id: text, or a number of an older server; null is none.
pub(crate) fn id<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    match Value::deserialize(from)? {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text)),
        Value::Number(number) => Ok(Some(number.to_string())),
        _ => Err(D::Error::custom("an id is text or a number")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const CHANNEL: &str = "01989c2e-7b1a-7cc3-9f54-0d2b6a3e9c11";

    fn event() -> serde_json::Value {
        json!({
            "type": "event", "id": "ev_1", "channelId": CHANNEL, "eventType": "message", "senderType": "user",
            "senderUserId": "42", "senderAgentId": null, "body": { "text": "hello" },
            "createdAt": "2026-01-01T00:00:00.000Z",
        })
    }

    fn with(key: &str, value: serde_json::Value) -> Option<Frame> {
        let mut event = event();
        event[key] = value;
        frame(&event.to_string())
    }

    #[test]
    fn a_message_of_a_user_is_read() {
        let message = Message {
            id: "ev_1".into(),
            channel: ChannelId::try_from(CHANNEL.to_owned()).unwrap(),
            sender: Sender::User("42".into()),
            text: "hello".into(),
            sent_at_ms: 1_767_225_600_000,
        };
        assert_eq!(frame(&event().to_string()), Some(Frame::Message(message)));
    }

    #[test]
    fn a_message_of_an_agent_is_read() {
        let mut event = event();
        event["senderType"] = json!("agent");
        event["senderUserId"] = json!(null);
        event["senderAgentId"] = json!("a7");
        let Some(Frame::Message(message)) = frame(&event.to_string()) else { panic!() };
        assert_eq!(message.sender, Sender::Agent("a7".into()));
    }

    #[test]
    fn events_that_are_no_message_are_nothing() {
        for kind in ["work", "member_joined", "member_left", "whatever"] {
            assert_eq!(with("eventType", json!(kind)), None);
        }
    }

    #[test]
    fn a_message_without_text_is_nothing() {
        for body in
            [json!({}), json!({ "text": "" }), json!({ "text": 7 }), json!(null), json!({ "file": "a" })]
        {
            assert_eq!(with("body", body), None);
        }
    }

    #[test]
    fn a_channel_that_is_none_makes_the_frame_unreadable() {
        assert_eq!(with("channelId", json!("../agents")), None);
    }

    #[test]
    fn an_unreadable_time_does_not_lose_the_message() {
        let Some(Frame::Message(message)) = with("createdAt", json!("yesterday")) else { panic!() };
        assert_eq!(message.sent_at_ms, 0);
    }

    #[test]
    fn logging_in_is_read() {
        let ok = json!({ "type": "auth_ok", "userId": "u1", "agentId": "a1", "channels": ["c1", "c2"] });
        assert_eq!(frame(&ok.to_string()), Some(Frame::AuthOk { agent_id: Some("a1".into()), channels: 2 }));
        let anonymous = json!({ "type": "auth_ok", "userId": "u1", "agentId": null, "channels": [] });
        assert_eq!(frame(&anonymous.to_string()), Some(Frame::AuthOk { agent_id: None, channels: 0 }));
        let refused = json!({ "type": "auth_error", "message": "no" });
        assert_eq!(frame(&refused.to_string()), Some(Frame::AuthError { message: "no".into() }));
    }

    #[test]
    fn other_frames_and_rubbish_are_ignored() {
        for text in
            ["", "{", "[]", "7", r#"{"type":"pong"}"#, r#"{"type":"subscribed","channelId":"c"}"#, "{}"]
        {
            assert_eq!(frame(text), None, "{text}");
        }
    }
}
