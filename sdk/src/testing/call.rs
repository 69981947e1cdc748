//! What a connector did, as data and as a line of a story.

use crate::store::Change;
use crate::websocket::{Frame, Options};
use crate::{Fill, agent, http, log, status};
use std::fmt;
use std::time::Duration;

/// One call of a connector to its host.
#[derive(Clone, Debug, PartialEq)]
pub enum Call {
    Log { level: log::Level, message: String, fields: Vec<(String, String)> },
    Report { state: status::State, detail: Option<String> },
    Every { name: String, every: Duration },
    Once { name: String, delay: Duration },
    Cancel { name: String },
    Subscribe { name: String, url: String, options: Box<Options> },
    Send { name: String, frame: Frame, fills: Vec<Fill> },
    Reconnect { name: String },
    Close { name: String },
    Fetch(http::Request),
    StoreGet { key: String },
    StoreList { prefix: String },
    StoreCommit(Vec<Change>),
    Dispatch(agent::Inbound),
    Abort(agent::Ticket),
    History { conversation: String, limit: u32 },
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Log { level, message, fields } => {
                write!(f, "{}: {message}", format!("{level:?}").to_lowercase())?;
                fields.iter().try_for_each(|(key, value)| write!(f, " {key}={value}"))
            }
            Self::Report { state, detail } => {
                write!(f, "status {}", format!("{state:?}").to_lowercase())?;
                detail.iter().try_for_each(|detail| write!(f, ": {detail}"))
            }
            Self::Every { name, every } => write!(f, "timer {name} every {every:?}"),
            Self::Once { name, delay } => write!(f, "timer {name} after {delay:?}"),
            Self::Cancel { name } => write!(f, "cancel timer {name}"),
            Self::Subscribe { name, url, .. } => write!(f, "subscribe {name} {url}"),
            Self::Send { name, frame: Frame::Text(text), .. } => write!(f, "{name} < {text}"),
            Self::Send { name, frame: Frame::Binary(bytes), .. } => {
                write!(f, "{name} < {} bytes", bytes.len())
            }
            Self::Reconnect { name } => write!(f, "reconnect {name}"),
            Self::Close { name } => write!(f, "close {name}"),
            Self::Fetch(request) => {
                write!(f, "{} {}", request.method, request.url)?;
                request.body.iter().try_for_each(|body| write!(f, " {}", String::from_utf8_lossy(body)))
            }
            Self::StoreGet { key } => write!(f, "read {key}"),
            Self::StoreList { prefix } => write!(f, "list {prefix}"),
            Self::StoreCommit(changes) => {
                f.write_str("commit")?;
                changes.iter().try_for_each(|change| show(change, f))
            }
            Self::Dispatch(inbound) => write!(f, "dispatch {} of {}", inbound.key, inbound.conversation),
            Self::Abort(ticket) => write!(f, "abort {ticket}"),
            Self::History { conversation, limit } => write!(f, "history {conversation} {limit}"),
        }
    }
}

fn show(change: &Change, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match change {
        Change::Set(key, value) => write!(f, " {key}={}", String::from_utf8_lossy(value)),
        Change::Delete(key) => write!(f, " -{key}"),
        Change::Expect(key, Some(version)) => write!(f, " {key}@{version}"),
        Change::Expect(key, None) => write!(f, " {key}@none"),
    }
}
