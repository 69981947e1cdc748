//! One endpoint's tools. Where several accounts offer a tool of one name, an argument says whose is meant.
use super::catalogue::{Catalogue, Offered, schema};
use config::McpEndpoint;
use futures::FutureExt;
use futures::future::BoxFuture;
use mcp::{CallError, Tool, Toolset};
use ports::identity::InstanceId;
use room_agent::{Outbox, SendError};
use room_basics::tools::{CallError as Refused, Calls};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::watch;

/// All endpoints by name.
#[derive(Clone, Default)]
pub struct Sets(Arc<BTreeMap<String, Arc<Set>>>);

pub struct Set {
    names: Vec<String>,
    send: bool,
    catalogue: Catalogue,
    calls: Calls,
    outbox: Outbox,
}

/// The tool that sends through any of them.
const SEND: &str = "send_message";
/// The argument that says whose tool is meant.
const WHOSE: &str = "account";

impl Sets {
    pub fn new(
        endpoints: &BTreeMap<String, McpEndpoint>,
        catalogue: &Catalogue,
        calls: &Calls,
        outbox: &Outbox,
    ) -> Self {
        let set = |endpoint: &McpEndpoint| Set {
            names: endpoint.connectors.clone(),
            send: endpoint.send,
            catalogue: catalogue.clone(),
            calls: calls.clone(),
            outbox: outbox.clone(),
        };
        Self(Arc::new(endpoints.iter().map(|(name, it)| (name.clone(), Arc::new(set(it)))).collect()))
    }

    pub fn get(&self, name: &str) -> Option<Arc<Set>> {
        self.0.get(name).cloned()
    }

    /// # Errors
    /// There is none, and which there are.
    pub fn find(&self, name: &str) -> Result<Arc<Set>, String> {
        self.get(name).ok_or_else(|| match self.0.is_empty() {
            true => "no endpoint is configured: write [mcp.endpoints.<name of a connector>]".into(),
            false => {
                let names: Vec<&str> = self.0.keys().map(String::as_str).collect();
                format!("there is no endpoint {name:?}; there is {}", names.join(", "))
            }
        })
    }
}

/// Whose a tool is, and how it is called.
struct Entry {
    tool: Tool,
    accounts: Vec<(String, InstanceId)>,
    is_send: bool,
}

impl Set {
    fn entries(&self) -> Vec<Entry> {
        let offered = self.catalogue.of(&self.names);
        let mut by_name: BTreeMap<&str, Vec<(&InstanceId, &Offered, usize)>> = BTreeMap::new();
        for (id, offers) in &offered {
            for (at, tool) in offers.tools.iter().enumerate() {
                by_name.entry(&tool.name).or_default().push((id, offers, at));
            }
        }
        let mut entries: Vec<Entry> = by_name.into_iter().map(|(name, whose)| entry(name, &whose)).collect();
        let senders: Vec<&InstanceId> = offered.iter().filter(|(_, it)| it.sends).map(|(id, _)| id).collect();
        if self.send && !senders.is_empty() && entries.iter().all(|entry| entry.tool.name != SEND) {
            entries.push(send(&senders));
        }
        entries
    }

    async fn do_call(&self, name: &str, mut arguments: Map<String, Value>) -> Result<Value, CallError> {
        let entries = self.entries();
        let entry = entries.into_iter().find(|entry| entry.tool.name == name).ok_or(CallError::Unknown)?;
        let id = match entry.accounts.as_slice() {
            [(_, id)] => {
                if entry.is_send {
                    arguments.remove(WHOSE);
                }
                id
            }
            several => {
                let asked = arguments.remove(WHOSE);
                let asked = asked.as_ref().and_then(Value::as_str).unwrap_or_default();
                let found = several.iter().find(|(name, _)| name == asked);
                let names: Vec<&str> = several.iter().map(|(name, _)| name.as_str()).collect();
                let unknown = || CallError::Invalid(format!("{WHOSE}: write one of {}", names.join(", ")));
                &found.ok_or_else(unknown)?.1
            }
        };
        match entry.is_send {
            true => self.send(id, &arguments).await,
            false => self.tool(id, name, &arguments).await,
        }
    }

    async fn tool(
        &self,
        id: &InstanceId,
        name: &str,
        arguments: &Map<String, Value>,
    ) -> Result<Value, CallError> {
        let text = serde_json::to_string(arguments).unwrap_or_default();
        let answer = self.calls.call(id, name, &text).await.map_err(|refused| match refused {
            Refused::Invalid(why) => CallError::Invalid(why),
            Refused::NotAnObject => CallError::Invalid(refused.to_string()),
            Refused::Failed(why) => CallError::Failed(why),
            Refused::Busy => CallError::Busy(refused.to_string()),
            Refused::UnknownInstance(_) => CallError::Unavailable(format!("{} does not run now", short(id))),
            Refused::UnknownName { .. } | Refused::Died | Refused::TooLarge(_) => {
                CallError::Failed(refused.to_string())
            }
            Refused::Timeout(_) => CallError::Unavailable(refused.to_string()),
        })?;
        serde_json::from_str(&answer).map_err(|_| CallError::Failed("its answer is not JSON".into()))
    }

    async fn send(&self, id: &InstanceId, arguments: &Map<String, Value>) -> Result<Value, CallError> {
        let text = |name: &str| arguments.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let sent = self.outbox.send(id, text("to"), text("text")).await;
        let receipt = sent.map_err(|error| match error {
            SendError::Rejected(why) => CallError::Failed(why),
            SendError::Busy(_) => CallError::Busy(error.to_string()),
            SendError::UnknownInstance(_) => {
                CallError::Unavailable(format!("{} does not run now", short(id)))
            }
            other => CallError::Unavailable(other.to_string()),
        })?;
        Ok(json!({ "sent": true, "message_id": receipt.message_id }))
    }
}

impl Toolset for Set {
    fn tools(&self) -> Vec<Tool> {
        self.entries().into_iter().map(|entry| entry.tool).collect()
    }

    fn call<'a>(
        &'a self,
        name: &'a str,
        arguments: Map<String, Value>,
    ) -> BoxFuture<'a, Result<Value, CallError>> {
        self.do_call(name, arguments).boxed()
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.catalogue.changes()
    }
}

fn short(id: &InstanceId) -> String {
    format!("{}/{}", id.connector, id.account)
}

fn entry(name: &str, whose: &[(&InstanceId, &Offered, usize)]) -> Entry {
    let (_, offers, at) = whose[0];
    let offer = &offers.tools[at];
    let mut arguments = schema(offer);
    let accounts: Vec<(String, InstanceId)> =
        whose.iter().map(|(id, ..)| (short(id), (*id).clone())).collect();
    if accounts.len() > 1 {
        ask_whose(&mut arguments, &accounts);
    }
    let tool = Tool {
        name: name.to_owned(),
        title: None,
        description: offer.description.clone(),
        arguments: Arc::new(arguments),
    };
    Entry { tool, accounts, is_send: false }
}

/// A tool's own argument of this name gives way: without it nobody could say which account is meant.
fn ask_whose(schema: &mut Map<String, Value>, accounts: &[(String, InstanceId)]) {
    let names: Vec<&str> = accounts.iter().map(|(name, _)| name.as_str()).collect();
    let property = json!({ "type": "string", "enum": names, "description": "Which account does it." });
    let properties = schema.entry("properties").or_insert_with(|| json!({}));
    if let Some(properties) = properties.as_object_mut() {
        properties.insert(WHOSE.to_owned(), property);
    }
    let required = schema.entry("required").or_insert_with(|| json!([]));
    if let Some(required) = required.as_array_mut() {
        required.retain(|name| name != WHOSE);
        required.push(WHOSE.into());
    }
}

fn send(senders: &[&InstanceId]) -> Entry {
    let accounts: Vec<(String, InstanceId)> = senders.iter().map(|id| (short(id), (*id).clone())).collect();
    let schema = json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["to", "text"],
        "properties": {
            "to": {
                "type": "string", "minLength": 1, "maxLength": 256,
                "description": "Where to, as the platform names it, such as a channel's id.",
            },
            "text": { "type": "string", "minLength": 1, "description": "What to say." },
        },
    });
    let mut arguments = schema.as_object().cloned().unwrap_or_default();
    if accounts.len() > 1 {
        ask_whose(&mut arguments, &accounts);
    }
    let tool = Tool {
        name: SEND.to_owned(),
        title: None,
        description: "Sends a message through a connector, without having been asked there. Returns when the platform has it.".into(),
        arguments: Arc::new(arguments),
    };
    Entry { tool, accounts, is_send: true }
}
