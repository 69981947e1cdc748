//! Traps in every handler that it has.
use sdk::{Connector, Descriptor, Disposition, Event, Instance, StartError, timers, tools, websocket};
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::Duration;

struct Trapper;

#[derive(Deserialize)]
struct Config {
    url: String,
}

impl Connector for Trapper {
    type Config = Config;

    fn describe() -> Descriptor {
        let schema = json!({
            "type": "object", "additionalProperties": false, "required": ["url"],
            "properties": { "url": { "type": "string" } },
        });
        Descriptor::new("trapper", "Trapper", "0.1.0")
            .config(schema)
            .url("{url}", "to trap when something comes")
            .tool("trapper_trap", "Traps.", json!({ "type": "object" }))
    }

    async fn start(_: Instance, config: Config) -> Result<Self, StartError> {
        timers::subscribe("trap", Duration::from_millis(100))?;
        websocket::subscribe("trap", &config.url, Default::default())?;
        Ok(Self)
    }
}

impl timers::Handler for Trapper {
    async fn on_fire(&self, _: Event, _: String) -> Disposition {
        panic!("the timer fired")
    }
}

impl websocket::Handler for Trapper {
    async fn on_open(&self, _: Event, _: String, _: u64, _: Option<String>) -> Disposition {
        panic!("the socket opened")
    }
    async fn on_message(&self, _: Event, _: String, _: websocket::Frame) -> Disposition {
        panic!("a message came")
    }
    async fn on_close(
        &self,
        _: Event,
        _: String,
        _: websocket::CloseReason,
        _: Option<Duration>,
    ) -> Disposition {
        panic!("the socket closed")
    }
}

impl tools::Handler for Trapper {
    async fn call(&self, _: Event, _: String, _: tools::Arguments) -> Result<Value, tools::Error> {
        panic!("a tool was called")
    }
}

sdk::connector!(Trapper: timers, websocket, tools);
