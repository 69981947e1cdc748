//! The operator's way into a running runtime: one JSON line asked, one JSON line answered, over a Unix socket that only
//! its owner may use.
pub mod client;
pub mod deadletters;
pub mod logs;
pub mod morgue;
pub mod notices;
pub mod server;

use crate::supervisor::Wish;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Longest request. The arguments of a tool may be long, and JSON in JSON grows.
const MOST_BYTES: u64 = 4 << 20;

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Request {
    Status,
    Call {
        instance: String,
        name: String,
        arguments: String,
    },
    Send {
        instance: String,
        to: String,
        text: String,
    },
    Dead(DeadRequest),
    Keys {
        instance: Option<String>,
    },
    /// Answered by a response for each line, to the end of what there is; with `follow` for ever.
    Logs {
        instance: Option<String>,
        lines: usize,
        follow: bool,
    },
    /// What an endpoint of `[mcp]` offers.
    Tools {
        endpoint: String,
    },
    ToolCall {
        endpoint: String,
        name: String,
        arguments: Map<String, Value>,
    },
    Steer {
        instance: String,
        wish: Wish,
    },
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum DeadRequest {
    List { instance: Option<String> },
    Show { id: i64 },
    Retry { id: i64 },
    Drop { id: i64 },
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Response {
    Ok(Value),
    Error(String),
}
