//! What a connector did, as data and as a line of a story.

use crate::crypto::{Class, Digest, Kind, Part};
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
    Publish { key: String, json: String },
    Unpublish { key: String },
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
    Ensure { name: String, kind: Kind, class: Class },
    Keys,
    Forget { name: String },
    Sign { key: String, parts: Vec<Part> },
    VerifyTag { key: String, parts: Vec<Part> },
    Authenticate { secret: String, algorithm: Digest, parts: Vec<Part> },
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
            Self::Publish { key, json } => write!(f, "publish {key} {json}"),
            Self::Unpublish { key } => write!(f, "unpublish {key}"),
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
            Self::Ensure { name, kind, class } => write!(f, "ensure {name} {kind:?} {class:?}"),
            Self::Keys => f.write_str("keys"),
            Self::Forget { name } => write!(f, "forget {name}"),
            Self::Sign { key, parts } => {
                write!(f, "sign {key} ")?;
                parts.iter().try_for_each(|part| piece(part, f))
            }
            Self::VerifyTag { key, parts } => {
                write!(f, "verify {key} ")?;
                parts.iter().try_for_each(|part| piece(part, f))
            }
            Self::Authenticate { secret, parts, .. } => {
                write!(f, "authenticate {secret} ")?;
                parts.iter().try_for_each(|part| piece(part, f))
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

fn piece(part: &Part, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match part {
        Part::Bytes(bytes) => write!(f, "[{} bytes]", bytes.len()),
        Part::Text(text) => f.write_str(text),
        Part::Secret(name) => write!(f, "[{name}]"),
    }
}
