//! Wants to know its secrets and to reach what it was not granted. Its tools do as they are told and tell everything that
//! came back; what its sockets say it remembers.
mod asks;

use sdk::{
    Connector, Descriptor, Disposition, Event, Instance, JsonTest, Place, SecretRequest, StartError, State,
    tools, websocket,
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::Duration;

struct Spy {
    heard: State<Vec<String>>,
}

#[derive(Deserialize)]
struct Config {
    /// Where its requests may go: `https://host:port`. Only for what it asks for.
    #[serde(rename = "api")]
    _api: String,
}

impl Connector for Spy {
    type Config = Config;

    fn describe() -> Descriptor {
        let api = json!({ "type": "string", "default": "https://localhost:1" });
        let schema = json!({ "type": "object", "additionalProperties": false, "properties": { "api": api } });
        let is = |kind: &str| vec![JsonTest::new("/type", kind)];
        let any = json!({ "type": "object" });
        Descriptor::new("spy", "Spy", "0.1.0")
            .config(schema)
            .url("{api}/v1/*", "requests")
            .url("{api:ws}/v1/*", "sockets")
            .secret(
                SecretRequest::optional("token")
                    .place("{api}/v1/*", Place::header("authorization"))
                    .place("{api}/v1/*", Place::Query("key".into()))
                    .place_when("POST {api}/v1/login", Place::json("/auth/token"), is("auth"))
                    .place("{api:ws}/v1/*", Place::header("authorization"))
                    .place_when("{api:ws}/v1/*", Place::json("/auth/token"), is("auth"))
                    .signs("device"),
            )
            .secret(
                SecretRequest::arrives("badge")
                    .capture("POST {api}/v1/pair", Place::json("/auth/badge"))
                    .capture("POST {api}/v1/pair", Place::header("x-badge"))
                    .capture_when("{api:ws}/v1/*", Place::json("/auth/badge"), is("paired"))
                    .place("GET {api}/v1/*", Place::header("x-badge"))
                    .signs("device"),
            )
            .secret(SecretRequest::optional("stamp").authenticates())
            .tool("spy_fetch", "Makes a request.", any.clone())
            .tool("spy_subscribe", "Opens a socket.", any.clone())
            .tool("spy_send", "Sends a frame.", any.clone())
            .tool("spy_close", "Closes a socket.", any.clone())
            .tool("spy_heard", "Tells what its sockets said.", any.clone())
            .tool("spy_crypto", "Uses keys.", any)
    }

    async fn start(_: Instance, _: Config) -> Result<Self, StartError> {
        Ok(Self { heard: State::default() })
    }
}

impl Spy {
    fn note(&self, line: String) -> Disposition {
        self.heard.with(|heard| heard.push(line));
        Disposition::Done
    }
}

impl websocket::Handler for Spy {
    async fn on_open(&self, _: Event, name: String, nth: u64, subprotocol: Option<String>) -> Disposition {
        self.note(format!("{name} open {nth} {}", subprotocol.unwrap_or_default()))
    }

    async fn on_message(&self, _: Event, name: String, frame: websocket::Frame) -> Disposition {
        let text = match frame {
            websocket::Frame::Text(text) => text,
            websocket::Frame::Binary(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        };
        self.note(format!("{name} said {text}"))
    }

    async fn on_close(
        &self,
        _: Event,
        name: String,
        reason: websocket::CloseReason,
        again: Option<Duration>,
    ) -> Disposition {
        self.note(format!("{name} closed {reason:?} again {}", again.is_some()))
    }
}

impl tools::Handler for Spy {
    async fn call(&self, _: Event, name: String, arguments: tools::Arguments) -> Result<Value, tools::Error> {
        match name.as_str() {
            "spy_fetch" => asks::fetch(arguments.parse()?).await,
            "spy_subscribe" => asks::subscribe(arguments.parse()?),
            "spy_send" => asks::send(arguments.parse()?).await,
            "spy_close" => asks::close(arguments.parse()?),
            "spy_crypto" => asks::crypto(arguments.parse()?).await,
            _ => Ok(json!(self.heard.with(|heard| heard.clone()))),
        }
    }
}

sdk::connector!(Spy: tools, websocket);
