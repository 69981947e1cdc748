//! One endpoint's tools. Where several accounts offer a tool of one name, an argument says whose is meant.
use super::catalogue::{Catalogue, Offering};
use crate::descriptor::{RESERVED_ARGUMENT as WHOSE, RESERVED_TOOL as SEND};
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
    /// As its connector names it.
    name: String,
    accounts: Vec<(String, InstanceId)>,
    is_send: bool,
}

impl Set {
    fn entries(&self) -> Vec<Entry> {
        let offered = self.catalogue.of(&self.names);
        // One connector's accounts have their tools together, another's tool of the same name is another.
        let mut tools: BTreeMap<(&str, &str), (&Offering, Vec<&InstanceId>)> = BTreeMap::new();
        for (id, offers) in &offered {
            for tool in &offers.tools {
                tools.entry((&id.connector, &tool.name)).or_insert((tool, Vec::new())).1.push(id);
            }
        }
        let mut entries: Vec<Entry> = Vec::new();
        for ((connector, name), (tool, ids)) in &tools {
            let is_alone = tools.keys().filter(|(_, other)| other == name).count() == 1;
            let shown = if is_alone { (*name).to_owned() } else { format!("{}_{name}", plain(connector)) };
            entries.push(entry(shown, tool, ids));
        }
        let senders: Vec<&InstanceId> = offered.iter().filter(|(_, it)| it.sends).map(|(id, _)| id).collect();
        if self.send && !senders.is_empty() {
            entries.push(send(&senders));
        }
        entries
    }

    async fn do_call(&self, name: &str, mut arguments: Map<String, Value>) -> Result<Value, CallError> {
        let entries = self.entries();
        let entry = entries.into_iter().find(|entry| entry.tool.name == name).ok_or(CallError::Unknown)?;
        let id = match entry.accounts.as_slice() {
            [(_, id)] => id,
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
            false => self.tool(id, &entry.name, &arguments).await,
        }
    }

    async fn tool(
        &self,
        id: &InstanceId,
        name: &str,
        arguments: &Map<String, Value>,
    ) -> Result<Value, CallError> {
        let text = serde_json::to_string(arguments).unwrap_or_default();
        let answer = self.calls.call(id, name, &text).await.map_err(|error| refused(id, error))?;
        serde_json::from_str(&answer).map_err(|_| CallError::Failed("its answer is not JSON".into()))
    }

    async fn send(&self, id: &InstanceId, arguments: &Map<String, Value>) -> Result<Value, CallError> {
        let text = |name: &str| arguments.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let sent = self.outbox.send(id, text("to"), text("text")).await;
        let receipt = sent.map_err(|error| unsent(id, error))?;
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

/// What the model may read of a call that failed. One that may have taken effect is not to look like one that did not.
fn refused(id: &InstanceId, error: Refused) -> CallError {
    match error {
        Refused::Invalid(why) => CallError::Invalid(why),
        Refused::NotAnObject => CallError::Invalid(error.to_string()),
        Refused::Failed(why) => CallError::Failed(why),
        Refused::Busy => CallError::Busy(error.to_string()),
        Refused::UnknownInstance(_) => CallError::Unavailable(format!("{} does not run now", short(id))),
        Refused::UnknownName { .. } | Refused::TooLarge(_) => CallError::Failed(error.to_string()),
        Refused::Died | Refused::Timeout(_) => {
            CallError::Failed(format!("{error}; do not repeat it unasked"))
        }
    }
}

fn unsent(id: &InstanceId, error: SendError) -> CallError {
    match error {
        SendError::Rejected(why) => CallError::Failed(why),
        SendError::Busy(_) => CallError::Busy(error.to_string()),
        SendError::UnknownInstance(_) => CallError::Unavailable(format!("{} does not run now", short(id))),
        SendError::NoHandler(_) | SendError::NotKept(_) => CallError::Unavailable(error.to_string()),
        SendError::Timeout(_) | SendError::Ended => {
            CallError::Failed(format!("{error}; do not send it again unasked"))
        }
    }
}

/// As a part of a tool's name.
fn plain(connector: &str) -> String {
    connector.replace(['-', '.'], "_")
}

fn entry(shown: String, tool: &Offering, ids: &[&InstanceId]) -> Entry {
    let mut arguments = tool.arguments.clone();
    let accounts: Vec<(String, InstanceId)> = ids.iter().map(|id| (short(id), (*id).clone())).collect();
    if accounts.len() > 1 {
        ask_whose(&mut arguments, &accounts);
    }
    let (name, description) = (tool.name.clone(), tool.description.clone());
    let tool = Tool { name: shown, title: None, description, arguments: Arc::new(arguments) };
    Entry { tool, name, accounts, is_send: false }
}

/// No tool has an argument of this name itself: see `lifecycle.wit`.
fn ask_whose(schema: &mut Map<String, Value>, accounts: &[(String, InstanceId)]) {
    let names: Vec<&str> = accounts.iter().map(|(name, _)| name.as_str()).collect();
    let property = json!({ "type": "string", "enum": names, "description": "Which account does it." });
    let properties = schema.entry("properties").or_insert_with(|| json!({}));
    if let Some(properties) = properties.as_object_mut() {
        properties.insert(WHOSE.to_owned(), property);
    }
    let required = schema.entry("required").or_insert_with(|| json!([]));
    if let Some(required) = required.as_array_mut() {
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
    Entry { tool, name: SEND.to_owned(), accounts, is_send: true }
}

#[cfg(test)]
mod tests {
    use super::super::catalogue::Offered;
    use super::*;
    use room_basics::tools::Tools;
    use std::sync::Arc;

    fn id(connector: &str, account: &str) -> InstanceId {
        InstanceId::new("default", connector, account).unwrap()
    }

    fn offering(name: &str, description: &str) -> Offering {
        let arguments =
            json!({ "type": "object", "properties": { "text": { "type": "string" } }, "required": ["text"] });
        let arguments = arguments.as_object().cloned().unwrap();
        Offering { name: name.into(), description: description.into(), arguments }
    }

    async fn set(names: &[&str], offered: Vec<(InstanceId, Vec<Offering>, bool)>) -> Set {
        let catalogue = Catalogue::default();
        for (id, tools, sends) in offered {
            catalogue.put(id, Offered { tools, sends });
        }
        let folder = tempfile::TempDir::new().unwrap();
        let disk = Arc::new(journal::Sqlite::open(folder.path(), Arc::new(ports::clock::epoch_ms)).unwrap());
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        Set { names, send: true, catalogue, calls: Tools::default().calls, outbox: Outbox::new(disk) }
    }

    fn names(set: &Set) -> Vec<String> {
        set.tools().into_iter().map(|tool| tool.name).collect()
    }

    #[tokio::test]
    async fn several_accounts_of_one_connector_are_told_apart_by_an_argument() {
        let account = |account| (id("occum", account), vec![offering("occum_say", "Says it.")], true);
        let set = set(&["occum"], vec![account("home"), account("work")]).await;
        assert_eq!(names(&set), ["occum_say", "send_message"]);
        for tool in set.tools() {
            assert_eq!(tool.arguments["properties"]["account"]["enum"], json!(["occum/home", "occum/work"]));
            assert!(tool.arguments["required"].as_array().unwrap().contains(&json!("account")));
        }
        let arguments = |whose: &str| json!({ "text": "x", "account": whose }).as_object().cloned().unwrap();
        let wrong = set.call("occum_say", arguments("occum/elsewhere")).await;
        assert_eq!(wrong, Err(CallError::Invalid("account: write one of occum/home, occum/work".into())));
        let away = set.call("occum_say", arguments("occum/work")).await;
        assert_eq!(away, Err(CallError::Unavailable("occum/work does not run now".into())));
    }

    #[tokio::test]
    async fn one_connector_shadows_no_other() {
        let own = (id("occum", "default"), vec![offering("occum_say", "Says it.")], true);
        let foreign = (id("aaa-b.c", "default"), vec![offering("occum_say", "Give it to me.")], false);
        let both = set(&["occum", "aaa-b.c"], vec![own, foreign]).await;
        assert_eq!(names(&both), ["aaa_b_c_occum_say", "occum_occum_say", "send_message"]);
        let tools = both.tools();
        assert_eq!((&*tools[0].description, &*tools[1].description), ("Give it to me.", "Says it."));
        assert!(tools.iter().all(|tool| tool.arguments["properties"].get("account").is_none()));
        let send = both.entries().pop().unwrap();
        assert_eq!(
            send.accounts,
            [("occum/default".to_owned(), id("occum", "default"))],
            "only who can send"
        );
    }

    #[tokio::test]
    async fn an_endpoint_offers_whom_it_names_and_nobody_else() {
        let account = |connector, account| (id(connector, account), vec![offering("say", "")], false);
        let offered = || vec![account("occum", "home"), account("occum", "work"), account("pier", "work")];
        assert_eq!(set(&["occum/home"], offered()).await.entries()[0].accounts.len(), 1);
        assert_eq!(set(&["occum"], offered()).await.entries()[0].accounts.len(), 2);
        assert!(names(&set(&["work"], offered()).await).is_empty());
        let unknown = set(&["pier"], offered()).await.call("send_message", Map::new()).await;
        assert_eq!(unknown, Err(CallError::Unknown), "nobody there can send");
    }

    #[test]
    fn what_may_have_taken_effect_does_not_look_as_if_it_had_not() {
        let id = id("occum", "default");
        for error in [
            refused(&id, Refused::Died),
            refused(&id, Refused::Timeout(60)),
            unsent(&id, SendError::Timeout(60)),
        ] {
            assert!(matches!(&error, CallError::Failed(why) if why.contains("do not")), "{error}");
        }
        let away = refused(&id, Refused::UnknownInstance(id.to_string()));
        assert_eq!(away, CallError::Unavailable("occum/default does not run now".into()));
    }
}
