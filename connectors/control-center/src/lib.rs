//! Watches an OpenClaw gateway as an operator who may only read: keeps a picture of its agents, sessions and presence,
//! publishes it, and lets the agent ask.
//!
//! `picture` and what it holds are pure; `line` is the connection without its socket; each kind of event has a file of
//! its own.

mod agent;
mod ask;
mod command;
mod config;
mod connection;
mod describe;
mod events;
mod field;
mod keep;
mod line;
mod login;
mod memory;
mod name;
mod picture;
mod presence;
mod refresh;
mod report;
mod restore;
mod session;
mod sessions;
mod shelf;
mod show;
mod tools;
mod verdict;
mod wait;
mod watch;

pub use config::Config;
use config::Settings;
use memory::Memory;
use sdk::crypto::{self, Class, Kind};
use sdk::{
    Connector, Descriptor, Disposition, Event, Instance, StartError, State, StopReason, timers, websocket,
};
use serde_json::Value;
use std::time::Duration;

/// The shared token of the gateway; may be absent where devices are enough.
const GATEWAY_TOKEN: &str = "gatewayToken";
/// What the gateway hands out to this device.
const DEVICE_TOKEN: &str = "deviceToken";
/// The key that is this device's identity.
const DEVICE: &str = "device";

/// One operator's connection to one gateway.
pub struct ControlCenter {
    settings: Settings,
    public_key: [u8; 32],
    memory: State<Memory>,
}

impl Connector for ControlCenter {
    type Config = Config;

    fn describe() -> Descriptor {
        describe::descriptor()
    }

    async fn start(_: Instance, config: Config) -> Result<Self, StartError> {
        let settings = config.checked()?;
        let key = crypto::ensure(DEVICE, Kind::Ed25519, Class::Identity).await?;
        let public_key = key.public.and_then(|key| key.try_into().ok());
        let public_key =
            public_key.ok_or_else(|| StartError::Unavailable("the device's key is none".into()))?;
        let memory = restore::memory(&settings).await?;
        connection::subscribe(&settings.url)?;
        let center = Self { settings, public_key, memory: State::new(memory) };
        center.show_all();
        center.arm();
        Ok(center)
    }

    async fn stop(&self, _: StopReason) {
        self.keep().await;
    }
}

impl websocket::Handler for ControlCenter {
    async fn on_open(&self, _: Event, _: String, _: u64, _: Option<String>) -> Disposition {
        self.opened().await;
        Disposition::Done
    }

    async fn on_message(&self, _: Event, _: String, frame: websocket::Frame) -> Disposition {
        self.heard(frame).await;
        Disposition::Done
    }

    async fn on_close(
        &self,
        _: Event,
        _: String,
        reason: websocket::CloseReason,
        reconnect_in: Option<Duration>,
    ) -> Disposition {
        self.closed(&reason, reconnect_in).await;
        Disposition::Done
    }
}

impl timers::Handler for ControlCenter {
    async fn on_fire(&self, _: Event, name: String) -> Disposition {
        match name.as_str() {
            watch::TIMER => self.watched().await,
            keep::TIMER => self.keep().await,
            connection::REDIAL => self.redial(),
            _ => {}
        }
        Disposition::Done
    }
}

impl sdk::tools::Handler for ControlCenter {
    async fn call(
        &self,
        _: Event,
        name: String,
        arguments: sdk::tools::Arguments,
    ) -> Result<Value, sdk::tools::Error> {
        self.call_tool(&name, &arguments).await
    }

    async fn command(&self, _: Event, name: String, _: String) -> Result<String, sdk::tools::Error> {
        match name.as_str() {
            command::NAME => Ok(self.describe_connection()),
            _ => Err(sdk::tools::Error::Failed(format!("no command {name}"))),
        }
    }
}

/// Milliseconds that never go back.
fn now_ms() -> u64 {
    u64::try_from(timers::monotonic().as_millis()).unwrap_or(u64::MAX)
}

sdk::connector!(ControlCenter: websocket, timers, tools);
