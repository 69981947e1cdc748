//! What the connector says of itself and asks for.

use crate::config::DEFAULT_API_URL;
use crate::{TOKEN, api, tools};
use sdk::{Descriptor, Hint, JsonTest, Place, SecretRequest};
use serde_json::{Value, json};

/// Every REST endpoint that is used, and why. The token goes to each of them and nowhere else.
const ENDPOINTS: [(&str, &str); 6] = [
    ("GET {apiUrl}/v1/agents/me", "who the agent is"),
    ("GET {apiUrl}/v1/channels", "list channels for the agent"),
    (
        "GET {apiUrl}/v1/channels/*/events",
        "read what was missed, find what was posted, read events for the agent",
    ),
    ("POST {apiUrl}/v1/channels/*/messages", "post what the agent says"),
    ("POST {apiUrl}/v1/channels/*/work", "show that the agent works"),
    ("POST {apiUrl}/v1/channels/*/work/*/complete", "show that the agent is done"),
];

const SOCKET: &str = "{apiUrl:ws}/v1/ws";

pub(crate) fn descriptor() -> Descriptor {
    let descriptor = Descriptor::new("occum", "Occum.net", env!("CARGO_PKG_VERSION"))
        .config(config_schema())
        .hint(Hint::new(TOKEN, "Agent token").placeholder("occ_…").sensitive())
        .hint(Hint::new("apiUrl", "API URL").placeholder(DEFAULT_API_URL))
        .secret(token())
        .url(SOCKET, "hear what is said")
        .tool(
            tools::SEND_MESSAGE,
            "Send a message to a channel on occum.net. Without channelId it goes to the agent's control channel.",
            send_message(),
        )
        .tool(tools::LIST_CHANNELS, "List the channels on occum.net that the agent is a member of.", list_channels())
        .tool(
            tools::GET_EVENTS,
            "Fetch events (messages, work sessions and so on) of a channel on occum.net, oldest first. Without after: \
             the newest.",
            get_events(),
        );
    ENDPOINTS.iter().fold(descriptor, |descriptor, (rule, reason)| descriptor.url(*rule, *reason))
}

fn token() -> SecretRequest {
    let frame = vec![JsonTest::new("/type", "auth")];
    let token = SecretRequest::required(TOKEN).place_when(SOCKET, Place::json("/token"), frame);
    ENDPOINTS.iter().fold(token, |token, (rule, _)| token.place(*rule, Place::header("authorization")))
}

fn config_schema() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "apiUrl": {
                "type": "string",
                "pattern": "^https?://",
                "default": DEFAULT_API_URL,
                "description": "Where the platform's API is, without /v1.",
            },
        },
    })
}

fn send_message() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["text"],
        "properties": {
            "text": { "type": "string", "minLength": 1, "description": "The message text to send" },
            "channelId": { "type": "string", "description": "Channel to send to (default: the control channel)" },
        },
    })
}

fn list_channels() -> Value {
    json!({ "type": "object", "additionalProperties": false, "properties": {} })
}

fn get_events() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["channelId"],
        "properties": {
            "channelId": { "type": "string", "description": "Channel to fetch events from" },
            "limit": {
                "type": "integer", "minimum": 1, "maximum": api::MOST_EVENTS,
                "description": "Most events to return (default 20)",
            },
            "after": { "type": "string", "description": "Return events after the one with this id" },
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_url_asked_for_is_a_place_of_the_token_and_the_reverse() {
        let descriptor = descriptor();
        let mut urls: Vec<_> = descriptor.urls.iter().map(|url| url.rule.as_str()).collect();
        let mut places: Vec<_> =
            descriptor.secrets[0].places.iter().map(|place| place.rule.as_str()).collect();
        urls.sort_unstable();
        places.sort_unstable();
        assert_eq!(urls, places);
    }

    #[test]
    fn schemas_refuse_unknown_keys() {
        let descriptor = descriptor();
        let schemas = descriptor.tools.iter().map(|tool| &tool.arguments).chain([&descriptor.config_schema]);
        assert!(schemas.into_iter().all(|schema| schema["additionalProperties"] == json!(false)));
    }
}
