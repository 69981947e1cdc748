//! Does as it is told. Every text frame on its socket is an order, `id verb number`; each order is answered with a
//! frame `id place`, `place` being how many orders this instance had begun with it. Its tools do the rest.
mod mischief;
mod talk;
mod wishes;

use sdk::{
    Connector, Descriptor, Disposition, Event, Form, Instance, Place, SecretRequest, StartError, State,
    StopReason, log, timers, tools, websocket,
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::Duration;

struct Imp {
    begun: State<u64>,
}

#[derive(Deserialize)]
struct Config {
    /// Of its socket.
    url: Option<String>,
    /// Where its requests may go: `http://host:port`.
    api: Option<String>,
    #[serde(default)]
    every_ms: Option<u64>,
    /// What `start` is to do: `refuse`, `spin`, `panic`, `grow`.
    start: Option<String>,
}

impl Connector for Imp {
    type Config = Config;

    fn describe() -> Descriptor {
        let text = json!({ "type": "string" });
        let schema = json!({
            "type": "object", "additionalProperties": false,
            "properties": {
                "url": { "type": "string", "default": "ws://localhost:1/" }, "api": { "type": "string", "default": "http://localhost:1" },
                "every_ms": { "type": "integer" }, "start": text,
            },
        });
        Descriptor::new("imp", "Imp", "0.1.0")
            .config(schema)
            .url("{url}", "orders")
            .url("{api}/v1/*", "requests")
            .secret(
                SecretRequest::optional("token")
                    .place("GET {api}/v1/*", Place::header("authorization"))
                    .place("POST {api}/v1/channels/*/messages", Place::header("authorization")),
            )
            .tool("imp_fetch", "Makes a request with fills.", json!({ "type": "object" }))
            .tool("imp_send", "Sends a frame with fills.", json!({ "type": "object" }))
            .tool("imp_scan", "Looks for text in its own memory.", json!({ "type": "object" }))
            .tool("imp_dispatch", "Hands a message to the agent.", json!({ "type": "object" }))
            .tool(
                "imp_history",
                "Shows what the agent remembers of a conversation.",
                json!({ "type": "object" }),
            )
            .tool("imp_flood", "Hands many messages to the agent.", json!({ "type": "object" }))
            .tool("imp_store", "Uses its store.", json!({ "type": "object" }))
            .command("echo", "Says it again.")
    }

    async fn start(_: Instance, config: Config) -> Result<Self, StartError> {
        match config.start.as_deref() {
            Some("refuse") => return Err(StartError::Configuration("told to refuse".into())),
            Some("wait") => return Err(StartError::Unavailable("told to wait".into())),
            Some(verb) => drop(mischief::act(verb, 0).await),
            None => {}
        }
        if let Some(url) = config.url {
            websocket::subscribe("orders", &url, Default::default())?;
        }
        if let Some(ms) = config.every_ms {
            timers::subscribe("tick", Duration::from_millis(ms))?;
        }
        let _ = config.api;
        Ok(Self { begun: State::new(0) })
    }

    async fn stop(&self, _: StopReason) {
        log::info!("stopped in order");
    }
}

impl websocket::Handler for Imp {
    async fn on_message(&self, event: Event, name: String, frame: websocket::Frame) -> Disposition {
        let place = self.begun.with(|begun| {
            *begun += 1;
            *begun
        });
        let websocket::Frame::Text(order) = frame else { return Disposition::Reject("not text".into()) };
        let mut words = order.split(' ');
        let id = words.next().unwrap_or("-").to_owned();
        let verb = words.next().unwrap_or("echo").to_owned();
        let number: u64 = words.next().and_then(|word| word.parse().ok()).unwrap_or(0);
        match verb.as_str() {
            "retry" if u64::from(event.attempt) <= number => {
                return Disposition::Retry(Duration::from_millis(10));
            }
            "reject" => return Disposition::Reject("told to".into()),
            "once" if event.attempt > 1 => {}
            "once" => panic!("the first time only"),
            verb => drop(mischief::act(verb, number).await),
        }
        let _ = websocket::send(&name, format!("{id} {place}")).await;
        Disposition::Done
    }
}

impl timers::Handler for Imp {
    async fn on_fire(&self, event: Event, name: String) -> Disposition {
        log::debug!("fired", name = name, sequence = event.sequence);
        let _ = websocket::send("orders", format!("fired {name}")).await;
        Disposition::Done
    }
}

impl tools::Handler for Imp {
    async fn call(&self, _: Event, name: String, arguments: tools::Arguments) -> Result<Value, tools::Error> {
        match name.as_str() {
            "imp_fetch" => wishes::fetch(arguments.parse()?).await,
            "imp_send" => wishes::send(arguments.parse()?).await,
            "imp_dispatch" => self.talk(arguments.parse()?).await,
            "imp_history" => wishes::history(arguments.parse()?).await,
            "imp_flood" => self.flood(arguments.parse()?).await,
            "imp_store" => wishes::store(arguments.parse()?).await,
            _ => wishes::scan(&arguments.parse()?),
        }
    }

    async fn command(&self, _: Event, _: String, arguments: String) -> Result<String, tools::Error> {
        Ok(format!("you said {arguments}"))
    }
}

/// `header:name`, `query:key` or `json:/pointer`.
fn place(text: &str) -> Option<Place> {
    match text.split_once(':')? {
        ("header", name) => Some(Place::header(name)),
        ("query", key) => Some(Place::Query(key.into())),
        ("json", pointer) => Some(Place::json(pointer)),
        _ => None,
    }
}

fn form(text: &str) -> Form {
    if text == "bearer" { Form::Bearer } else { Form::Raw }
}

sdk::connector!(Imp: agent, timers, websocket, tools);
