//! Behaves well until one door, and does there the one bad thing that its configuration names: `{ "case":
//! "loop_in_call" }`. Each case is a file of `cases`, whose head says what must happen.
#![cfg(target_family = "wasm")]
mod afterwards;
mod case;
mod cases;
mod raw;
mod tricks;

use case::{Doors, Setting};
use sdk::agent::{self, Outbound, OutboundError, Receipt, ReplyEvent};
use sdk::{
    Connector, Descriptor, Disposition, Event, Instance, StartError, StopReason, log, timers, tools,
    websocket,
};
use serde_json::{Value, json};
use std::time::Duration;

struct Villain {
    case: Box<dyn Doors>,
}

impl Connector for Villain {
    type Config = Setting;

    fn describe() -> Descriptor {
        let text = |default: &str| json!({ "type": "string", "default": default });
        let schema = json!({
            "type": "object", "additionalProperties": false, "required": ["case"],
            "properties": {
                "case": { "type": "string" },
                "url": text("ws://localhost:1/"), "api": text("http://localhost:1"),
            },
        });
        Descriptor::new("villain", "Villain", "0.1.0")
            .config(schema)
            .url("{url}", "a socket")
            .url("{api}/*", "requests")
            .tool("villain_do", "Goes through the door `call`.", json!({ "type": "object" }))
            .command("villain", "Goes through the door `command`.")
    }

    async fn start(_: Instance, setting: Setting) -> Result<Self, StartError> {
        let Some(case) = cases::named(&setting.case) else {
            return Err(StartError::Configuration(format!("no case is called {}", setting.case)));
        };
        let needs = case.needs();
        if needs.timer {
            timers::subscribe("tick", Duration::from_millis(100))?;
        }
        if needs.socket {
            websocket::subscribe("line", setting.url()?, tricks::quick())?;
        }
        log::info!("begins", case = setting.case);
        case.start(&setting).await?;
        Ok(Self { case })
    }

    async fn stop(&self, _: StopReason) {
        self.case.stop().await;
        log::info!("stopped in order");
    }
}

impl timers::Handler for Villain {
    async fn on_fire(&self, event: Event, name: String) -> Disposition {
        self.case.on_fire(event, name).await
    }
}

impl websocket::Handler for Villain {
    async fn on_open(&self, event: Event, name: String, _: u64, _: Option<String>) -> Disposition {
        self.case.on_open(event, name).await
    }

    async fn on_message(&self, event: Event, name: String, _: websocket::Frame) -> Disposition {
        self.case.on_message(event, name).await
    }

    async fn on_close(
        &self,
        event: Event,
        name: String,
        _: websocket::CloseReason,
        _: Option<Duration>,
    ) -> Disposition {
        self.case.on_close(event, name).await
    }
}

impl agent::Handler for Villain {
    async fn on_reply(&self, event: Event, reply: ReplyEvent) -> Disposition {
        self.case.on_reply(event, reply).await
    }

    async fn on_outbound(&self, event: Event, message: Outbound) -> Result<Receipt, OutboundError> {
        self.case.on_outbound(event, message).await
    }
}

impl tools::Handler for Villain {
    async fn call(&self, event: Event, _: String, _: tools::Arguments) -> Result<Value, tools::Error> {
        self.case.call(event).await
    }

    async fn command(&self, event: Event, _: String, _: String) -> Result<String, tools::Error> {
        self.case.command(event).await
    }
}

sdk::connector!(Villain: agent, timers, tools, websocket);
