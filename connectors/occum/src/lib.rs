//! Connects an agent to occum.net: what people write in its channels goes to the agent, what it answers is posted.
//!
//! `parse` and `format` are pure; `api` is the REST side; each kind of event has a file of its own.

mod api;
mod channel;
mod config;
mod connection;
mod context;
mod describe;
mod format;
mod inbound;
mod memory;
mod outbound;
mod parse;
mod reply;
mod retry;
mod time;
mod tools;

use api::Api;
pub use config::Config;
use memory::Memory;
use sdk::{Connector, Descriptor, Disposition, Event, Instance, StartError, State, agent, websocket};
use std::time::Duration;

/// The one secret.
const TOKEN: &str = "agentToken";

/// One account on occum.net.
pub struct Occum {
    instance: Instance,
    api: Api,
    memory: State<Memory>,
}

impl Connector for Occum {
    type Config = Config;

    fn describe() -> Descriptor {
        describe::descriptor()
    }

    async fn start(instance: Instance, config: Config) -> Result<Self, StartError> {
        let base = config.base()?;
        connection::subscribe(&base)?;
        Ok(Self { instance, api: Api::new(base), memory: State::default() })
    }
}

impl websocket::Handler for Occum {
    async fn on_open(&self, _: Event, _: String, connection: u64, _: Option<String>) -> Disposition {
        self.opened(connection).await
    }

    async fn on_message(&self, event: Event, _: String, frame: websocket::Frame) -> Disposition {
        self.heard(event, frame).await
    }

    async fn on_close(
        &self,
        _: Event,
        _: String,
        reason: websocket::CloseReason,
        reconnect_in: Option<Duration>,
    ) -> Disposition {
        connection::closed(&reason, reconnect_in)
    }
}

impl agent::Handler for Occum {
    async fn on_reply(&self, event: Event, reply: agent::ReplyEvent) -> Disposition {
        self.replied(event, reply).await
    }

    async fn on_outbound(
        &self,
        event: Event,
        message: agent::Outbound,
    ) -> Result<agent::Receipt, agent::OutboundError> {
        self.send(event, message).await
    }
}

impl sdk::tools::Handler for Occum {
    async fn call(
        &self,
        _: Event,
        name: String,
        arguments: sdk::tools::Arguments,
    ) -> Result<serde_json::Value, sdk::tools::Error> {
        self.call_tool(&name, &arguments).await
    }
}

sdk::connector!(Occum: websocket, agent, tools);
