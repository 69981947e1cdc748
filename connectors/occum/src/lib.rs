//! Connects an agent to occum.net: what people write in its channels goes to the agent, what it answers is posted.
//!
//! `parse` and `format` are pure; `api` is the REST side; each kind of event has a file of its own.

mod api;
mod catchup;
mod channel;
mod config;
mod connection;
mod context;
mod cursor;
mod describe;
mod format;
mod inbound;
mod join;
mod lane;
mod lanes;
mod look;
mod memory;
mod outbound;
mod parse;
mod past;
mod places;
mod posting;
mod posts;
mod reply;
mod retry;
mod time;
mod tools;
mod work;

use api::Api;
pub use config::Config;
use lanes::Lanes;
use memory::Memory;
use sdk::{
    Connector, Descriptor, Disposition, Event, Instance, StartError, State, StopReason, agent, secrets,
    timers, websocket,
};
use std::time::Duration;

/// The one secret.
const TOKEN: &str = "agentToken";

/// One account on occum.net.
pub struct Occum {
    instance: Instance,
    api: Api,
    memory: State<Memory>,
    lanes: State<Lanes>,
}

impl Connector for Occum {
    type Config = Config;

    fn describe() -> Descriptor {
        describe::descriptor()
    }

    async fn start(instance: Instance, config: Config) -> Result<Self, StartError> {
        let base = config.base()?;
        let occum =
            Self { instance, api: Api::new(&base), memory: State::default(), lanes: State::default() };
        // NB: before the socket is wanted, so that what is said from the first login on comes after every place.
        if secrets::exists(TOKEN) {
            occum.restore().await?;
        }
        connection::subscribe(&base)?;
        occum.arm();
        Ok(occum)
    }

    async fn stop(&self, _: StopReason) {
        self.lanes.with(Lanes::all_are_to_be_saved);
        self.save().await;
    }
}

impl websocket::Handler for Occum {
    async fn on_open(&self, _: Event, _: String, connection: u64, _: Option<String>) -> Disposition {
        self.opened(connection).await
    }

    async fn on_message(&self, _: Event, _: String, frame: websocket::Frame) -> Disposition {
        self.heard(frame).await
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

impl timers::Handler for Occum {
    async fn on_fire(&self, _: Event, _: String) -> Disposition {
        self.catch_up().await
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

sdk::connector!(Occum: websocket, timers, agent, tools);
