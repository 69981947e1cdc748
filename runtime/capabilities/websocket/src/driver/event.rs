//! What a socket tells the guest. Cheap to clone: an event may be delivered more than once.
use bytes::Bytes;
use std::fmt;
use std::sync::Arc;

#[derive(Clone, Debug)]
pub struct Event {
    /// The socket's name.
    pub name: Arc<str>,
    /// 1, 2, 3, … per socket, going on over reconnects, without gaps: an event that could not be posted (see
    /// [`CloseReason::Slow`]) took no number.
    pub sequence: u64,
    pub what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// The platform took the upgrade and the first frame, if there is one, is sent.
    Opened {
        /// 1 for the first connection of this socket, and so on.
        connection: u64,
        subprotocol: Option<String>,
    },
    Message(Frame),
    /// The connection has ended, or an attempt to open one has failed.
    Closed {
        reason: CloseReason,
        /// When the host dials again, counted from the end. `None`: not before `reconnect` or a changed plan.
        will_reconnect_ms: Option<u64>,
    },
}

/// One message. `Debug` tells its size only.
#[derive(Clone, PartialEq, Eq)]
pub enum Frame {
    Text(Arc<str>),
    Binary(Bytes),
}

/// Why a connection ended. Every text in it is free of secrets.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CloseReason {
    /// The platform sent a close frame.
    #[error("closed by the platform (code {code:?})")]
    Peer { code: Option<u16>, text: String },
    /// The upgrade was answered with another status than 101. 401 and 403 are not tried again.
    #[error("upgrade refused with HTTP status {status}")]
    Refused { status: u16 },
    /// No connection came about.
    #[error("unreachable: {0}")]
    Unreachable(String),
    /// The connection broke without a close frame.
    #[error("connection lost: {0}")]
    Lost(String),
    /// No answer to a ping, the declared one or the host's own.
    #[error("the platform went silent")]
    Silent,
    /// The platform took too long to take what was sent to it.
    #[error("the platform does not read")]
    NotReading,
    /// The connector did not take its events in time; what the platform sent meanwhile must be caught up.
    #[error("the connector is too slow")]
    Slow,
    /// A message over the limit.
    #[error("message over the limit")]
    TooLarge,
    /// A text message or close reason that is not UTF-8.
    #[error("text that is not UTF-8")]
    NotUtf8,
    /// The platform broke the WebSocket protocol, or floods us with frames that carry nothing.
    #[error("protocol violation: {0}")]
    Protocol(String),
    /// `reconnect` was called.
    #[error("closed on request")]
    Asked,
    /// The operator's grant does not allow it.
    #[error("denied: {0}")]
    Denied(String),
}

impl Frame {
    /// Payload bytes.
    pub fn len(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Binary(bytes) => bytes.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl From<&str> for Frame {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl fmt::Debug for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "Text({} bytes)", text.len()),
            Self::Binary(bytes) => write!(f, "Binary({} bytes)", bytes.len()),
        }
    }
}

impl What {
    /// What it takes of the mailbox.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Opened { .. } | Self::Closed { .. } => 0,
            Self::Message(frame) => frame.len(),
        }
    }
}
