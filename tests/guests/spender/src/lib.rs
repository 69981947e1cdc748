//! Spends a known amount of one thing, once, and reports `spent`: below a limit it goes on, above one it does not. So a
//! test can see of each limit that it, and nothing else, makes the difference.
#![cfg(target_family = "wasm")]
mod spend;

use sdk::agent::{self, Outbound, OutboundError, Receipt, ReplyEvent};
use sdk::{Connector, Descriptor, Disposition, Event, Instance, StartError, StopReason, timers, websocket};
use serde::Deserialize;
use serde_json::json;
use spend::{ms, nap};
use std::time::Duration;

struct Spender {
    config: Config,
}

#[derive(Deserialize)]
pub struct Config {
    /// As `runtime.toml` spells it.
    limit: String,
    url: String,
    api: String,
}

impl Connector for Spender {
    type Config = Config;

    fn describe() -> Descriptor {
        let text = json!({ "type": "string" });
        let schema = json!({
            "type": "object", "additionalProperties": false, "required": ["limit", "url", "api"],
            "properties": { "limit": text, "url": text, "api": text },
        });
        Descriptor::new("spender", "Spender", "0.1.0")
            .config(schema)
            .url("{url}", "sockets")
            .url("{api}/*", "requests")
    }

    async fn start(_: Instance, config: Config) -> Result<Self, StartError> {
        match config.limit.as_str() {
            "start_seconds" => nap(ms(2500)).await,
            "max_in_flight" | "mailbox_events" => {
                for name in ["a", "b", "c", "d"] {
                    timers::subscribe(name, ms(100))?;
                }
            }
            "mailbox_kib" => websocket::subscribe("flood", &config.url, Default::default())?,
            "failures" => timers::subscribe("die", ms(100))?,
            _ => {}
        }
        timers::once("go", ms(100))?;
        Ok(Self { config })
    }

    async fn stop(&self, _: StopReason) {
        if self.config.limit == "stop_seconds" {
            nap(ms(2500)).await;
        }
    }
}

impl timers::Handler for Spender {
    async fn on_fire(&self, _: Event, name: String) -> Disposition {
        match name.as_str() {
            "go" => spend::spend(&self.config).await,
            "die" => spend::die_three_times().await,
            _ => nap(ms(400)).await,
        }
        Disposition::Done
    }
}

impl websocket::Handler for Spender {
    async fn on_message(&self, _: Event, _: String, _: websocket::Frame) -> Disposition {
        nap(ms(400)).await;
        Disposition::Done
    }
    async fn on_open(&self, _: Event, _: String, _: u64, _: Option<String>) -> Disposition {
        Disposition::Done
    }
    async fn on_close(
        &self,
        _: Event,
        _: String,
        _: websocket::CloseReason,
        _: Option<Duration>,
    ) -> Disposition {
        Disposition::Done
    }
}

impl agent::Handler for Spender {
    async fn on_reply(&self, _: Event, _: ReplyEvent) -> Disposition {
        Disposition::Done
    }
    async fn on_outbound(&self, _: Event, _: Outbound) -> Result<Receipt, OutboundError> {
        Ok(Receipt { message_id: None })
    }
}

sdk::connector!(Spender: agent, timers, websocket);
