//! Frames of the server, read. Pure.

use crate::channel::ChannelId;
use crate::time;
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// One frame of the server. What is none of these is `None` and ignored, as is what can't be read.
#[derive(Debug, PartialEq)]
pub(crate) enum Frame {
    /// `channels`: those whose events come from now on.
    AuthOk {
        agent_id: Option<String>,
        channels: Vec<ChannelId>,
    },
    AuthError {
        message: String,
    },
    Event(Event),
    Error {
        message: String,
    },
}

/// Something that happened in a channel.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Event {
    /// Opaque.
    pub(crate) id: String,
    pub(crate) channel: ChannelId,
    pub(crate) what: What,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum What {
    Message(Message),
    /// This agent became a member.
    AgentJoined(String),
    /// Nothing that anybody has to do anything about.
    Other,
}

/// A message with something in it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Message {
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

impl Event {
    /// What it costs to keep it.
    pub(crate) fn bytes(&self) -> usize {
        let text = if let What::Message(message) = &self.what { message.text.len() } else { 0 };
        size_of::<Self>() + self.id.len() + text
    }
}

/// Reads a text frame.
pub(crate) fn frame(text: &str) -> Option<Frame> {
    let wire: Wire = serde_json::from_str(text).ok()?;
    Some(match wire.kind.as_str() {
        "event" => Frame::Event(wire.event()?),
        "auth_ok" => {
            let ids = wire.channels.into_iter();
            let channels = ids.filter_map(|id| ChannelId::deserialize(id).ok()).collect();
            Frame::AuthOk { agent_id: wire.agent_id, channels }
        }
        "auth_error" => Frame::AuthError { message: wire.message },
        "error" => Frame::Error { message: wire.message },
        _ => return None,
    })
}

/// Reads an event of a page. What has an id and can't be read otherwise is nothing to do, but has its place.
pub(crate) fn item(channel: &ChannelId, item: Value) -> Option<Event> {
    let id = item.get("id").and_then(|value| id(value).ok().flatten())?;
    let what = Wire::deserialize(item).map_or(What::Other, Wire::what);
    Some(Event { id, channel: channel.clone(), what })
}

/// The fields of all frames in one: an enum by `type` would have each frame read into a tree first.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    #[serde(rename = "type", default)]
    kind: String,
    // auth_ok
    #[serde(default, deserialize_with = "id")]
    agent_id: Option<String>,
    #[serde(default)]
    channels: Vec<Value>,
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
#[serde(rename_all = "camelCase")]
struct Body {
    text: Option<Value>,
    #[serde(default)]
    agent_id: Option<Value>,
}

impl Wire {
    fn event(mut self) -> Option<Event> {
        let (id, channel) = (self.id.take()?, self.channel_id.take()?);
        Some(Event { id, channel, what: self.what() })
    }

    fn what(self) -> What {
        match self.event_type.as_str() {
            "message" => self.message().map_or(What::Other, What::Message),
            "member_joined" => self.joined().map_or(What::Other, What::AgentJoined),
            _ => What::Other,
        }
    }

    /// Who joined stands in the body; without it, whose event it is.
    fn joined(self) -> Option<String> {
        let named = self.body.and_then(|body| id(body.agent_id?).ok().flatten());
        named.or(self.sender_agent_id)
    }

    /// None for what has no text.
    fn message(self) -> Option<Message> {
        let Value::String(text) = self.body?.text? else { return None };
        if text.is_empty() {
            return None;
        }
        let sender = match self.sender_type.as_str() {
            "user" => Sender::User(self.sender_user_id.unwrap_or_else(unknown)),
            "agent" => Sender::Agent(self.sender_agent_id.unwrap_or_else(unknown)),
            _ => return None,
        };
        let sent_at_ms = time::epoch_ms(&self.created_at).unwrap_or(0);
        Some(Message { sender, text, sent_at_ms })
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

    fn channel() -> ChannelId {
        ChannelId::try_from(CHANNEL.to_owned()).unwrap()
    }

    fn with(key: &str, value: serde_json::Value) -> Option<What> {
        let mut event = event();
        event[key] = value;
        match frame(&event.to_string())? {
            Frame::Event(event) => Some(event.what),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_message_of_a_user_is_read() {
        let what = What::Message(Message {
            sender: Sender::User("42".into()),
            text: "hello".into(),
            sent_at_ms: 1_767_225_600_000,
        });
        let event_read = Event { id: "ev_1".into(), channel: channel(), what };
        assert_eq!(item(&channel(), event()), Some(event_read.clone()));
        assert_eq!(frame(&event().to_string()), Some(Frame::Event(event_read)));
    }

    #[test]
    fn a_message_of_an_agent_is_read() {
        let mut event = event();
        event["senderType"] = json!("agent");
        event["senderUserId"] = json!(null);
        event["senderAgentId"] = json!("a7");
        let Some(Event { what: What::Message(message), .. }) = item(&channel(), event) else { panic!() };
        assert_eq!(message.sender, Sender::Agent("a7".into()));
    }

    #[test]
    fn events_that_are_no_message_have_a_place_and_nothing_else() {
        for kind in ["work", "member_joined", "member_left", "whatever"] {
            assert_eq!(with("eventType", json!(kind)), Some(What::Other));
        }
    }

    #[test]
    fn an_agent_that_joins_is_known_by_the_body_or_the_sender() {
        let mut event = event();
        event["eventType"] = json!("member_joined");
        event["senderAgentId"] = json!("a1");
        let what = |event: &serde_json::Value| item(&channel(), event.clone()).unwrap().what;
        assert_eq!(what(&event), What::AgentJoined("a1".into()));
        event["body"] = json!({ "agentId": "a2", "name": "Anna" });
        assert_eq!(what(&event), What::AgentJoined("a2".into()));
    }

    #[test]
    fn an_event_of_a_page_that_cannot_be_read_keeps_its_place() {
        let odd = json!({ "id": 7, "channelId": "../x", "body": [] });
        let read = item(&channel(), odd).unwrap();
        assert_eq!((read.id.as_str(), read.what), ("7", What::Other));
        assert_eq!(item(&channel(), json!({ "body": {} })), None);
    }

    #[test]
    fn a_message_without_text_is_nothing() {
        for body in
            [json!({}), json!({ "text": "" }), json!({ "text": 7 }), json!(null), json!({ "file": "a" })]
        {
            assert_eq!(with("body", body), Some(What::Other));
        }
    }

    #[test]
    fn a_channel_that_is_none_makes_the_frame_unreadable() {
        assert_eq!(with("channelId", json!("../agents")), None);
    }

    #[test]
    fn an_unreadable_time_does_not_lose_the_message() {
        let Some(What::Message(message)) = with("createdAt", json!("yesterday")) else { panic!() };
        assert_eq!(message.sent_at_ms, 0);
    }

    #[test]
    fn logging_in_is_read() {
        let ok =
            json!({ "type": "auth_ok", "userId": "u1", "agentId": "a1", "channels": [CHANNEL, "../x", 7] });
        let channels = vec![channel()];
        assert_eq!(frame(&ok.to_string()), Some(Frame::AuthOk { agent_id: Some("a1".into()), channels }));
        let anonymous = json!({ "type": "auth_ok", "userId": "u1", "agentId": null, "channels": [] });
        assert_eq!(frame(&anonymous.to_string()), Some(Frame::AuthOk { agent_id: None, channels: vec![] }));
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
