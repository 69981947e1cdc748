//! What the connector says of itself and asks for.

use crate::config::{DEFAULT_METHODS, DEFAULT_SESSIONS, DEFAULT_URL, MOST_METHODS, MOST_SESSIONS};
use crate::{DEVICE, DEVICE_TOKEN, GATEWAY_TOKEN, command, tools};
use openclaw::connect::Auth;
use sdk::{Descriptor, Hint, JsonTest, Place, SecretRequest};
use serde_json::{Value, json};

const GATEWAY: &str = "{gatewayUrl}";

pub(crate) fn descriptor() -> Descriptor {
    Descriptor::new("control-center", "OpenClaw control center", env!("CARGO_PKG_VERSION"))
        .config(config_schema())
        .hint(Hint::new("gatewayUrl", "Gateway URL").placeholder(DEFAULT_URL))
        .hint(Hint::new("methods", "Methods that the agent may ask for"))
        .hint(Hint::new("sessions", "Sessions shown"))
        .hint(Hint::new(GATEWAY_TOKEN, "Gateway token").sensitive())
        .secret(gateway_token())
        .secret(device_token())
        .url(GATEWAY, "watch the gateway's agents, sessions and presence")
        .tool(tools::LIST_AGENTS, "List the agents of the OpenClaw gateway and what they are doing.", nothing())
        .tool(tools::AGENT, "Show one agent of the OpenClaw gateway: its state and its sessions.", agent())
        .tool(
            tools::REQUEST,
            "Ask the OpenClaw gateway with one of its own methods. Only methods that the operator allowed; an error \
             names them.",
            request(),
        )
        .command(command::NAME, "Show the connection to the gateway")
}

fn gateway_token() -> SecretRequest {
    let token = SecretRequest::optional(GATEWAY_TOKEN).signs(DEVICE);
    token.place_when(GATEWAY, login(Auth::Token), connects())
}

fn device_token() -> SecretRequest {
    let hello = vec![JsonTest::new("/type", "res"), JsonTest::new("/payload/type", "hello-ok")];
    SecretRequest::arrives(DEVICE_TOKEN)
        .capture_when(GATEWAY, Place::json("/payload/auth/deviceToken"), hello)
        .place_when(GATEWAY, login(Auth::DeviceToken), connects())
        .signs(DEVICE)
}

fn login(auth: Auth) -> Place {
    Place::json(auth.pointer().unwrap_or_default())
}

fn connects() -> Vec<JsonTest> {
    vec![JsonTest::new("/type", "req"), JsonTest::new("/method", "connect")]
}

fn config_schema() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "gatewayUrl": {
                "type": "string",
                "pattern": "^wss?://",
                "default": DEFAULT_URL,
                "description": "Where the gateway's WebSocket is.",
            },
            "methods": {
                "type": "array",
                "items": { "type": "string", "minLength": 1, "maxLength": 64 },
                "maxItems": MOST_METHODS,
                "default": DEFAULT_METHODS,
                "description": "The gateway's methods that the agent may ask for, by exact name.",
            },
            "sessions": {
                "type": "integer", "minimum": 0, "maximum": MOST_SESSIONS, "default": DEFAULT_SESSIONS,
                "description": "How many sessions are shown, newest first.",
            },
        },
    })
}

fn nothing() -> Value {
    json!({ "type": "object", "additionalProperties": false, "properties": {} })
}

fn agent() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["id"],
        "properties": { "id": { "type": "string", "minLength": 1, "description": "The agent's id" } },
    })
}

fn request() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["method"],
        "properties": {
            "method": { "type": "string", "minLength": 1, "description": "Such as sessions.list" },
            "params": { "type": "object", "description": "What the method wants (default: nothing)" },
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_go_to_the_gateway_only_and_only_when_connecting() {
        for secret in descriptor().secrets {
            assert_eq!(secret.signs, [DEVICE]);
            assert!(!secret.required);
            let [place] = &secret.places[..] else { panic!("{secret:?}") };
            assert_eq!((place.rule.as_str(), &place.when), (GATEWAY, &connects()));
        }
    }

    #[test]
    fn schemas_refuse_unknown_keys() {
        let descriptor = descriptor();
        let schemas = descriptor.tools.iter().map(|tool| &tool.arguments).chain([&descriptor.config_schema]);
        assert!(schemas.into_iter().all(|schema| schema["additionalProperties"] == json!(false)));
    }
}
