//! The tools of a runtime that runs elsewhere on this machine, for `runtime mcp`: asked over its control socket.
use crate::control::Request;
use crate::control::client;
use anyhow::Context;
use futures::FutureExt;
use futures::future::BoxFuture;
use mcp::{CallError, Tool, Toolset};
use serde_json::{Map, Value, json};
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::sleep;

/// Between two looks at what is offered.
const LOOK: Duration = Duration::from_secs(2);

pub struct Far {
    state: PathBuf,
    endpoint: String,
    /// The last answer, and the tools in it.
    known: RwLock<(Value, Vec<Tool>)>,
    changes: watch::Sender<u64>,
}

impl Far {
    /// # Errors
    /// No runtime runs there, or it has no such endpoint.
    pub async fn new(state: PathBuf, endpoint: String) -> anyhow::Result<Arc<Self>> {
        let far = Self { state, endpoint, known: RwLock::default(), changes: watch::Sender::new(0) };
        far.look().await?;
        Ok(Arc::new(far))
    }

    /// Looks again and again, for ever. Where the runtime ended, what it offered last stays, and calls fail.
    pub async fn follow(&self) {
        loop {
            sleep(LOOK).await;
            let _ = self.look().await;
        }
    }

    async fn look(&self) -> anyhow::Result<()> {
        let answer = client::ask(&self.state, &Request::Tools { endpoint: self.endpoint.clone() }).await?;
        if self.known.read().unwrap_or_else(PoisonError::into_inner).0 == answer {
            return Ok(());
        }
        let tools = answer.as_array().context("the runtime's answer is no list of tools")?;
        let tools = tools.iter().map(tool).collect();
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = (answer, tools);
        self.changes.send_modify(|changes| *changes += 1);
        Ok(())
    }

    async fn do_call(&self, name: &str, arguments: Map<String, Value>) -> Result<Value, CallError> {
        let (endpoint, name) = (self.endpoint.clone(), name.to_owned());
        let asked = Request::ToolCall { endpoint, name, arguments };
        let Ok(answer) = client::try_ask(&self.state, asked).await else {
            return Err(CallError::Unavailable("the runtime does not run now".into()));
        };
        let answer = answer.map_err(|error| {
            CallError::Failed(format!("{error}; it may have taken effect: do not repeat it unasked"))
        })?;
        let why = || answer["why"].as_str().unwrap_or_default().to_owned();
        match answer["outcome"].as_str() {
            Some("ok") => Ok(answer["value"].clone()),
            Some("unknown") => Err(CallError::Unknown),
            Some("invalid") => Err(CallError::Invalid(why())),
            Some("busy") => Err(CallError::Busy(why())),
            Some("unavailable") => Err(CallError::Unavailable(why())),
            _ => Err(CallError::Failed(why())),
        }
    }
}

impl Toolset for Far {
    fn tools(&self) -> Vec<Tool> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).1.clone()
    }

    fn call<'a>(
        &'a self,
        name: &'a str,
        arguments: Map<String, Value>,
    ) -> BoxFuture<'a, Result<Value, CallError>> {
        self.do_call(name, arguments).boxed()
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }
}

/// The other way round is [`tool`].
pub fn as_json(tool: &Tool) -> Value {
    json!({ "name": tool.name, "description": tool.description, "arguments": *tool.arguments })
}

fn tool(json: &Value) -> Tool {
    let text = |name: &str| json[name].as_str().unwrap_or_default().to_owned();
    let arguments = json["arguments"].as_object().cloned().unwrap_or_default();
    Tool { name: text("name"), title: None, description: text("description"), arguments: Arc::new(arguments) }
}

/// The other way round is in [`Far`].
pub fn outcome(called: Result<Value, CallError>) -> Value {
    match called {
        Ok(value) => json!({ "outcome": "ok", "value": value }),
        Err(CallError::Unknown) => json!({ "outcome": "unknown" }),
        Err(CallError::Invalid(why)) => json!({ "outcome": "invalid", "why": why }),
        Err(CallError::Failed(why)) => json!({ "outcome": "failed", "why": why }),
        Err(CallError::Busy(why)) => json!({ "outcome": "busy", "why": why }),
        Err(CallError::Unavailable(why)) => json!({ "outcome": "unavailable", "why": why }),
    }
}
