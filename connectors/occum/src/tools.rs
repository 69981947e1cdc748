//! The tools that the agent can call.

use crate::api::{Error as ApiError, MOST_EVENTS};
use crate::channel::ChannelId;
use crate::posts::Purpose;
use crate::{Occum, format};
use sdk::tools::{Arguments, Error};
use serde::Deserialize;
use serde_json::{Value, json};

pub(crate) const SEND_MESSAGE: &str = "occum_send_message";
pub(crate) const LIST_CHANNELS: &str = "occum_list_channels";
pub(crate) const GET_EVENTS: &str = "occum_get_events";

/// Characters of a refusal that the model is shown.
const REFUSAL_CHARS: usize = 500;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct SendMessage {
    text: String,
    channel_id: Option<ChannelId>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListChannels {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct GetEvents {
    channel_id: ChannelId,
    limit: Option<u32>,
    after: Option<String>,
}

impl Occum {
    pub(crate) async fn call_tool(&self, name: &str, arguments: &Arguments) -> Result<Value, Error> {
        match name {
            SEND_MESSAGE => self.send_message(arguments.parse()?).await,
            LIST_CHANNELS => self.list_channels(arguments.parse()?).await,
            GET_EVENTS => self.get_events(arguments.parse()?).await,
            _ => Err(Error::Failed(format!("no tool {name}"))),
        }
    }

    async fn send_message(&self, wanted: SendMessage) -> Result<Value, Error> {
        if wanted.text.is_empty() {
            return Err(Error::Invalid("text: empty".into()));
        }
        let channel = match wanted.channel_id {
            Some(channel) => Some(channel),
            None => self.control_channel().await?,
        };
        let Some(channel) = channel else {
            return Ok(json!({ "error": "No control channel found for this agent" }));
        };
        self.memory.with(|memory| memory.begins_post(&channel));
        let posted = self.api.post(&channel, &wanted.text).await;
        self.memory.with(|memory| memory.ends_post(&channel));
        let event_id = posted.map_err(|error| failed(&error))?;
        self.remember(&channel, &Purpose::Tool, event_id.as_deref(), None).await;
        Ok(json!({ "sent": true, "eventId": event_id, "channelId": channel }))
    }

    async fn control_channel(&self) -> Result<Option<ChannelId>, Error> {
        let known = |occum: &Self| occum.memory.with(|memory| memory.control_channel().cloned());
        if known(self).is_none() {
            self.identify().await.map_err(|error| failed(&error))?;
        }
        Ok(known(self))
    }

    async fn list_channels(&self, _: ListChannels) -> Result<Value, Error> {
        let channels = self.api.channels().await.map_err(|error| failed(&error))?;
        let brief = |channel: &Value| {
            let field = |key| channel.get(key).cloned().unwrap_or(Value::Null);
            json!({
                "id": field("id"), "name": field("name"), "type": field("type"), "description": field("description"),
            })
        };
        Ok(json!({ "channels": channels.iter().map(brief).collect::<Vec<_>>() }))
    }

    async fn get_events(&self, wanted: GetEvents) -> Result<Value, Error> {
        if wanted.limit.is_some_and(|limit| !(1..=MOST_EVENTS).contains(&limit)) {
            return Err(Error::Invalid(format!("limit: 1 to {MOST_EVENTS}")));
        }
        let events = self.api.events(&wanted.channel_id, wanted.limit, wanted.after.as_deref()).await;
        let events = events.map_err(|error| failed(&error))?;
        Ok(json!({ "count": events.len(), "events": events }))
    }
}

/// For the model, which may read what the platform says of its own request.
fn failed(error: &ApiError) -> Error {
    Error::Failed(match error {
        ApiError::Status { status, body, .. } => {
            format!("API {status}: {}", format::cut(body, REFUSAL_CHARS))
        }
        other => other.to_string(),
    })
}
