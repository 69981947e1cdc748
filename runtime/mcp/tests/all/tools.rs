//! A set of tools that does what its test wants, and a server of it.
use futures::FutureExt;
use futures::future::BoxFuture;
use mcp::{CallError, Endpoint, Limits, Server, Tool, Toolset};
use ports::secret::Secret;
use serde_json::{Map, Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::time::timeout;

pub struct Fake {
    names: Mutex<Vec<&'static str>>,
    version: watch::Sender<u64>,
    /// Lets one `wait` go.
    pub go: Notify,
    pub calls: AtomicUsize,
    pub running: watch::Sender<usize>,
}

const NAMES: [&str; 11] =
    ["echo", "number", "big", "invalid", "failed", "busy", "unavailable", "unknown", "wait", "panic", "odd"];

pub fn fake() -> Arc<Fake> {
    Arc::new(Fake {
        names: Mutex::new(NAMES.to_vec()),
        version: watch::Sender::new(7),
        go: Notify::new(),
        calls: AtomicUsize::new(0),
        running: watch::Sender::new(0),
    })
}

impl Fake {
    pub fn offer(&self, names: &[&'static str]) {
        *self.names.lock().unwrap() = names.to_vec();
        self.version.send_modify(|version| *version += 1);
    }

    pub async fn runs(&self, count: usize) {
        let mut running = self.running.subscribe();
        // Before a call ends by itself.
        timeout(Duration::from_secs(30), running.wait_for(|running| *running == count))
            .await
            .unwrap()
            .unwrap();
    }
}

struct Running<'a>(&'a Fake);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.running.send_modify(|running| *running -= 1);
    }
}

impl Toolset for Fake {
    fn tools(&self) -> Vec<Tool> {
        let tool = |name: &&'static str| {
            assert_ne!(*name, "broken list");
            let schema = match *name {
                "echo" => json!({ "type": "object", "properties": { "text": { "type": "string" } },
                    "required": ["text"], "additionalProperties": false }),
                "odd" => json!({ "type": "object", "properties": 7 }),
                _ => json!({ "type": "object" }),
            };
            let arguments = Arc::new(schema.as_object().unwrap().clone());
            let title = (*name == "echo").then(|| "Echo".to_owned());
            Tool { name: (*name).into(), title, description: format!("does {name}"), arguments }
        };
        let names = self.names.lock().unwrap().clone();
        names.iter().map(tool).collect()
    }

    fn call<'a>(
        &'a self,
        name: &'a str,
        arguments: Map<String, Value>,
    ) -> BoxFuture<'a, Result<Value, CallError>> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.running.send_modify(|running| *running += 1);
        let running = Running(self);
        async move {
            let _running = running;
            match name {
                "number" => Ok(json!(42)),
                "big" => Ok("x".repeat(300 << 10).into()),
                "invalid" => Err(CallError::Invalid("not like this".into())),
                "failed" => Err(CallError::Failed("it broke".into())),
                "busy" => Err(CallError::Busy("one at a time".into())),
                "unavailable" => Err(CallError::Unavailable("asleep".into())),
                "unknown" => Err(CallError::Unknown),
                "wait" => {
                    self.go.notified().await;
                    Ok(json!({ "waited": true }))
                }
                "panic" => panic!("a tool's"),
                _ => Ok(json!({ "length": arguments.get("text").and_then(Value::as_str).map(str::len) })),
            }
        }
        .boxed()
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.version.subscribe()
    }
}

pub const TOKEN: &str = "the-token-of-one";
pub const OTHER_TOKEN: &str = "the-token-of-two";

pub fn endpoint(name: &str, token: &str, toolset: &Arc<Fake>) -> Endpoint {
    Endpoint { name: name.into(), token: Secret::new(token.into()), toolset: toolset.clone() }
}

/// With the tools at `/mcp/one`, and others at `/mcp/two`.
pub async fn serve(toolset: &Arc<Fake>, limits: Limits) -> Server {
    let two = fake();
    two.offer(&["number"]);
    let endpoints = vec![endpoint("one", TOKEN, toolset), endpoint("two", OTHER_TOKEN, &two)];
    Server::listen("127.0.0.1:0".parse().unwrap(), endpoints, limits).await.unwrap()
}
