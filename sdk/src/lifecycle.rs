//! Who a connector is, how it begins and ends.

mod secret;

pub use secret::{CaptureRequest, PlaceRequest, SecretRequest};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// A connector: a struct that the runtime starts once per account.
///
/// It may be thrown away at any moment (trap, limit, upgrade, idleness) while its sockets and timers live on in the
/// host; the next event starts a new one. What must last does not belong into the struct alone.
#[expect(async_fn_in_trait, reason = "a guest has one thread: no future of it has to be Send")]
pub trait Connector: Sized + 'static {
    /// The configuration, read from JSON that passed the descriptor's schema; defaults are not filled in.
    type Config: DeserializeOwned;

    /// Who it is and what it asks for. Pure: called with every import trapping, before anything is configured, with 200 ms of
    /// CPU and 128 MiB of memories. The host keeps the answer for these bytes of the component and does not ask again.
    fn describe() -> Descriptor;

    /// First call on every new instance, whatever the reason: first start, restart after a trap, waking up, upgrade.
    ///
    /// Subscribe here to what the connector wants. When it returns ok the set is replaced: the same name keeps its
    /// socket, what is no longer named is closed. When it fails or traps, nothing is closed, unless the instance is then set
    /// aside: by `Configuration`, or for failing too often in a row (the operator's `failures`, 8 by default). No event is
    /// delivered before it has returned. Limit: the operator's `start_seconds` (10 by default).
    async fn start(instance: Instance, config: Self::Config) -> Result<Self, StartError>;

    /// Last call on an instance that ends in order; not called after a trap. Limit: the operator's `stop_seconds` (5 by
    /// default), then it is dropped. At the end of the process handlers and this have 10 s together.
    async fn stop(&self, reason: StopReason) {
        let _ = reason;
    }
}

/// Whose instance this is. Many accounts of one connector are many instances, isolated from each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    pub tenant: String,
    pub connector: String,
    pub account: String,
}

/// Why a connector did not start.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StartError {
    /// The configuration is wrong in a way that the schema does not say: what and where. All that the instance has open is
    /// closed, and it is not started again until the operator wants it (`runtime restart`) or the runtime starts anew.
    #[error("configuration: {0}")]
    Configuration(String),
    /// Something outside is not ready. Started again with back-off, for as long as it takes: never set aside for it.
    #[error("not ready: {0}")]
    Unavailable(String),
}

impl From<crate::websocket::Error> for StartError {
    /// What was denied or is invalid stays so until somebody changes the configuration; the rest may pass.
    fn from(error: crate::websocket::Error) -> Self {
        use crate::websocket::Error;
        match error {
            Error::Denied(_) | Error::Invalid(_) => Self::Configuration(error.to_string()),
            _ => Self::Unavailable(error.to_string()),
        }
    }
}

impl From<crate::timers::Error> for StartError {
    fn from(error: crate::timers::Error) -> Self {
        Self::Unavailable(error.to_string())
    }
}

impl From<crate::store::Error> for StartError {
    fn from(error: crate::store::Error) -> Self {
        Self::Unavailable(format!("store: {error}"))
    }
}

impl From<crate::crypto::Error> for StartError {
    /// What another configuration or version of the connector would have to change stays so; the rest may pass.
    fn from(error: crate::crypto::Error) -> Self {
        use crate::crypto::Error;
        match error {
            Error::Denied(_) | Error::Invalid(_) | Error::Taken => {
                Self::Configuration(format!("crypto: {error}"))
            }
            _ => Self::Unavailable(format!("crypto: {error}")),
        }
    }
}

/// Why an instance ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopReason {
    /// The process ends.
    Shutdown,
    /// The operator asked for it.
    Operator,
    /// Nothing happened for a while; the next event starts a new instance. Sockets and timers stay.
    Idle,
    /// A new version of the component takes over. Sockets and timers stay.
    Upgrade,
}

/// For connectors without configuration: an empty object.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoConfig {}

/// What a connector says of itself. The host checks every field and refuses the component with the name of the bad one.
#[derive(Clone, Debug, PartialEq)]
pub struct Descriptor {
    /// 1 to 64 characters of `a-z 0-9 - _ .`, starting with a letter or digit.
    pub id: String,
    /// For people; at most 64 characters.
    pub label: String,
    /// Semantic version of the connector.
    pub version: String,
    /// JSON Schema (2020-12) of the configuration, at most 64 KiB: of type `object`, refusing unknown keys
    /// (`"additionalProperties": false`). Secrets are not part of it.
    pub config_schema: Value,
    /// How to show configuration keys and secrets.
    pub hints: Vec<Hint>,
    /// Secrets that it uses, each name once. What it asks for in all has at most 256 lines and 32 KiB, as
    /// `runtime inspect` shows it: somebody has to read it.
    pub secrets: Vec<SecretRequest>,
    /// URLs that it wants to reach.
    pub urls: Vec<UrlRequest>,
    /// Tools that it offers to the agent. At most 64.
    pub tools: Vec<Tool>,
    /// Commands that it offers to people. At most 32.
    pub commands: Vec<Command>,
}

impl Descriptor {
    /// One that has no configuration and asks for nothing.
    pub fn new(id: impl Into<String>, label: impl Into<String>, version: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            label: label.into(),
            version: version.into(),
            config_schema: json!({ "type": "object", "additionalProperties": false, "properties": {} }),
            hints: Vec::new(),
            secrets: Vec::new(),
            urls: Vec::new(),
            tools: Vec::new(),
            commands: Vec::new(),
        }
    }

    pub fn config(mut self, schema: Value) -> Self {
        self.config_schema = schema;
        self
    }

    pub fn hint(mut self, hint: Hint) -> Self {
        self.hints.push(hint);
        self
    }

    pub fn secret(mut self, secret: SecretRequest) -> Self {
        self.secrets.push(secret);
        self
    }

    /// One line of the allow-list it asks for; see [`UrlRequest`].
    pub fn url(mut self, rule: impl Into<String>, reason: impl Into<String>) -> Self {
        self.urls.push(UrlRequest { rule: rule.into(), reason: reason.into() });
        self
    }

    /// `arguments` is the JSON Schema of the arguments, an object.
    pub fn tool(mut self, name: impl Into<String>, description: impl Into<String>, arguments: Value) -> Self {
        self.tools.push(Tool { name: name.into(), description: description.into(), arguments });
        self
    }

    pub fn command(mut self, name: impl Into<String>, description: impl Into<String>) -> Self {
        self.commands.push(Command { name: name.into(), description: description.into() });
        self
    }
}

/// How to show a configuration key or a secret.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hint {
    /// A configuration key or the name of a secret.
    pub key: String,
    pub label: String,
    pub placeholder: Option<String>,
    /// Not to be shown.
    pub sensitive: bool,
}

impl Hint {
    pub fn new(key: impl Into<String>, label: impl Into<String>) -> Self {
        Self { key: key.into(), label: label.into(), ..Self::default() }
    }

    pub fn placeholder(mut self, text: impl Into<String>) -> Self {
        self.placeholder = Some(text.into());
        self
    }

    pub fn sensitive(mut self) -> Self {
        self.sensitive = true;
        self
    }
}

/// One line of the allow-list: `[METHOD[,METHOD] ]scheme://host[:port][/path]`.
///
/// A `*` as a whole path segment stands for one segment, a trailing `*` for the rest. `{key}` is replaced by the
/// configuration's string value of that key (or its default in the schema) without trailing slashes; `{key:ws}` is the
/// same with `http` turned into `ws` and `https` into `wss`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UrlRequest {
    pub rule: String,
    /// Why, in one line for the operator.
    pub reason: String,
}

/// A tool for the agent.
#[derive(Clone, Debug, PartialEq)]
pub struct Tool {
    /// 1 to 64 characters of `a-z 0-9 _`; starts with the connector's id by custom.
    pub name: String,
    /// What it does, for the model.
    pub description: String,
    /// JSON Schema of the arguments, an object.
    pub arguments: Value,
}

/// A command for people, called as `/name`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// Without the slash; 1 to 32 characters of `a-z 0-9 -`.
    pub name: String,
    pub description: String,
}
