//! The WebSocket's frames, both ways.

use axum::extract::ws::Utf8Bytes;
use serde::{Deserialize, Serialize};

use super::event::Event;

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub(super) enum FromClient {
    Auth { token: String },
    Ping,
    Subscribe { channel_id: String },
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub(super) enum ToClient<'a> {
    AuthOk { user_id: u64, agent_id: Option<&'a str>, channels: Vec<String> },
    AuthError { message: &'a str },
    Pong,
    Event(&'a Event),
    Subscribed { channel_id: &'a str },
    Error { message: &'a str },
}

impl ToClient<'_> {
    /// As it goes over the wire. Cheap to clone, so that one event is written once for all sockets.
    pub(super) fn text(&self) -> Utf8Bytes {
        // Strings, numbers and JSON values only, under string keys: nothing here can fail to serialise.
        serde_json::to_string(self).expect("a frame is always JSON").into()
    }
}
