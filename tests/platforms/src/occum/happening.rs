//! One thing that happened to the platform, as the record keeps it and the demo prints it.

use std::fmt;
use std::sync::{Arc, OnceLock};

use axum::body::Bytes;
use axum::http::Method;
use serde_json::Value;

use super::event::Event;
use super::work::WorkSession;

#[derive(Debug, Clone)]
pub enum Happening {
    /// The port is open.
    Listening { port: u16 },
    /// The port is closed and every connection cut.
    Stopped,
    /// A TCP connection came.
    Connected { connection: u64 },
    /// A TCP connection is gone.
    Disconnected { connection: u64 },
    /// A request is here in full, nothing was done about it yet.
    Asked(Arc<Request>),
    /// The same request again: it was served, refused, or its answer will never arrive.
    Answered(Arc<Request>),
    /// A WebSocket opened. It has not said who it is.
    Opened { socket: u64 },
    /// A WebSocket's token was accepted.
    Authenticated { socket: u64, agent: String },
    /// A WebSocket said something.
    Frame(Arc<Frame>),
    /// A WebSocket is gone; `code` is that of the first close frame, ours or theirs.
    Closed { socket: u64, code: Option<u16> },
    /// Something happened in a channel other than `Posted`.
    Event(Arc<Event>),
    /// An agent's message came over REST and is an event of its channel.
    Posted(Arc<Event>),
    /// A work session was opened or completed.
    Work(Arc<WorkSession>),
    /// Only in the live stream: so many were lost because the reader was too slow.
    Missed(u64),
}

/// One HTTP request, the upgrade of a WebSocket included.
#[derive(Debug)]
pub struct Request {
    /// The TCP connection it came on.
    pub connection: u64,
    pub method: Method,
    pub path: String,
    /// What followed the `?`.
    pub query: Option<String>,
    /// The `Content-Type` header.
    pub content_type: Option<String>,
    /// Id of the agent whose bearer token it carried; none: not authorised.
    pub agent: Option<String>,
    pub body: Bytes,
    pub(super) status: OnceLock<Option<u16>>,
}

impl Request {
    /// Whether it carried a token that was good.
    pub fn authorised(&self) -> bool {
        self.agent.is_some()
    }

    /// The answer; none while there is none, and for ever if it or the request was lost on purpose.
    pub fn status(&self) -> Option<u16> {
        self.status.get().copied().flatten()
    }

    /// The body, `null` if it is not JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }
}

/// One frame of a client.
pub struct Frame {
    pub socket: u64,
    /// Id of the agent behind the socket; none before it is authenticated.
    pub agent: Option<String>,
    pub content: Content,
}

#[derive(Clone, PartialEq, Eq)]
pub enum Content {
    Text(String),
    Binary(Bytes),
}

impl Frame {
    /// The content, `null` if it is not JSON text.
    pub fn json(&self) -> Value {
        match &self.content {
            Content::Text(text) => serde_json::from_str(text).unwrap_or(Value::Null),
            Content::Binary(_) => Value::Null,
        }
    }

    /// Its `type`, if it has one.
    pub fn kind(&self) -> Option<String> {
        Some(self.json().get("type")?.as_str()?.to_owned())
    }
}

/// Without the content: an `auth` frame carries a token.
impl fmt::Debug for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Frame")
            .field("socket", &self.socket)
            .field("kind", &self.kind())
            .finish_non_exhaustive()
    }
}

/// A line for a terminal.
impl fmt::Display for Happening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listening { port } => write!(f, "listening on port {port}"),
            Self::Stopped => write!(f, "stopped listening"),
            Self::Connected { connection } => write!(f, "connection {connection} opened"),
            Self::Disconnected { connection } => write!(f, "connection {connection} closed"),
            Self::Asked(request) => write!(f, "{} {}", request.method, request.path),
            Self::Answered(request) => match request.status() {
                Some(status) => write!(f, "{} {} -> {status}", request.method, request.path),
                None => write!(f, "{} {} -> no answer", request.method, request.path),
            },
            Self::Opened { socket } => write!(f, "socket {socket} opened"),
            Self::Authenticated { socket, agent } => write!(f, "socket {socket} is {agent}"),
            Self::Frame(frame) => {
                write!(
                    f,
                    "socket {} says {}",
                    frame.socket,
                    frame.kind().as_deref().unwrap_or("something odd")
                )
            }
            Self::Closed { socket, code: Some(code) } => write!(f, "socket {socket} closed with {code}"),
            Self::Closed { socket, code: None } => write!(f, "socket {socket} closed"),
            Self::Event(event) | Self::Posted(event) => {
                let (what, channel) = (event.event_type, &event.channel_id);
                match (event.sender_user_id, &event.sender_agent_id) {
                    (Some(user), _) => write!(f, "{channel} user {user} {what:?}")?,
                    (None, agent) => {
                        write!(f, "{channel} {} {what:?}", agent.as_deref().unwrap_or("nobody"))?
                    }
                }
                event.text().map_or(Ok(()), |text| write!(f, ": {text}"))
            }
            Self::Work(work) => match &work.summary {
                Some(summary) => write!(f, "work {} completed: {summary}", work.id),
                None => write!(f, "work {} opened", work.id),
            },
            Self::Missed(count) => write!(f, "{count} lines lost"),
        }
    }
}
