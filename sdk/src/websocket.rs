//! WebSockets that the host owns: it dials, logs in, keeps alive, reconnects, and pushes what arrives. The instance may
//! be restarted meanwhile; the socket stays. It is closed when the operator pauses or restarts the instance, and when that is
//! quarantined.

use crate::{Disposition, Event, Fill, JsonTest, calls};
use std::time::Duration;

/// Receives the events of the instance's sockets.
#[expect(async_fn_in_trait, reason = "a guest has one thread: no future of it has to be Send")]
pub trait Handler: crate::Connector {
    /// Connected; the declared first frame was sent. `connection` counts the connections of this subscription from 1.
    async fn on_open(
        &self,
        event: Event,
        name: String,
        connection: u64,
        subprotocol: Option<String>,
    ) -> Disposition {
        let _ = (event, name, connection, subprotocol);
        Disposition::Done
    }

    /// Every secret of the instance is cut out of the frame, in its common encodings, and reads `[redacted]`; one that
    /// arrives at a granted place reads `[captured]`.
    async fn on_message(&self, event: Event, name: String, frame: Frame) -> Disposition;

    /// `reconnect_in` is none when the host will not dial again by itself. It may be later, past `dials_per_minute`.
    async fn on_close(
        &self,
        event: Event,
        name: String,
        reason: CloseReason,
        reconnect_in: Option<Duration>,
    ) -> Disposition {
        let _ = (event, name, reason, reconnect_in);
        Disposition::Done
    }
}

/// One message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    Text(String),
    Binary(Vec<u8>),
}

impl From<String> for Frame {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Frame {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<Vec<u8>> for Frame {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Binary(bytes)
    }
}

/// What a subscription wants beyond its URL. The default is a plain socket, dialled again after 1 to 60 s.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Options {
    /// Request headers of the upgrade. Host, Connection, Upgrade, Sec-WebSocket-* and hop-by-hop headers are the
    /// host's. At most 32.
    pub headers: Vec<(String, String)>,
    /// Secrets for headers and query keys of the upgrade.
    pub fills: Vec<Fill>,
    pub subprotocols: Vec<String>,
    pub first_frame: Option<FirstFrame>,
    pub ping: Option<Ping>,
    /// The frame by which the platform says that we are in: it starts the back-off over. It is delivered like any
    /// other. None: an open socket is enough.
    pub ready: Option<JsonTest>,
    /// None: 1 s to 60 s.
    pub backoff: Option<Backoff>,
    /// Largest message in bytes, in and out. None: 1 MiB. At most 16 MiB.
    pub max_message_bytes: Option<u32>,
}

/// A frame that the host sends as the first after every opening, before anything the connector sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FirstFrame {
    /// At most 64 KiB.
    pub text: String,
    pub fills: Vec<Fill>,
}

/// An application's own ping: the host sends it and waits for the answer without waking the connector. Frames that pass
/// `answer` are not delivered.
#[derive(Clone, Debug, PartialEq)]
pub struct Ping {
    /// 1 s to 1 h.
    pub every: Duration,
    pub text: String,
    pub answer: JsonTest,
    /// No answer for so long, 100 ms to 10 min: the socket is closed as `Silent` and dialled again.
    pub within: Duration,
}

/// Delay before dial n after the last success: `min(first * 2^n, most)`, of which the upper half is random.
///
/// All sockets of an instance together dial at most so often in a minute as the operator's `dials_per_minute` says (60 by
/// default); past that a dial waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// 100 ms to 10 min.
    pub first: Duration,
    /// `first` to 1 h.
    pub most: Duration,
}

/// Why a connection ended, or did not come about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CloseReason {
    /// By the far end: its close code, if it gave one, and text.
    Peer(Option<u16>, String),
    /// The far end answered the upgrade with this HTTP status. 401 and 403 end the subscription's dialling, until a
    /// secret changes or [`reconnect`] is called.
    Refused(u16),
    /// Could not be reached, or the connection broke.
    Unreachable(String),
    /// No answer to a ping in time.
    Silent,
    /// This connector did not take its frames for 5 s. Some may have been missed: catch up.
    Slow,
    /// A message over `max_message_bytes`.
    TooLarge,
    /// The far end broke the protocol.
    Protocol(String),
    /// `reconnect` was called.
    Asked,
    /// The operator's grants do not allow it (any more).
    Denied(String),
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Not granted: the URL, or the place of a secret. Names what to grant.
    #[error("not granted: {0}")]
    Denied(String),
    /// The argument named is wrong: how.
    #[error("invalid {0}")]
    Invalid(String),
    /// `websocket` is not named in `connector!`.
    #[error("the connector has no handler for sockets")]
    NoHandler,
    /// All sockets of the instance are in use (the operator's `sockets`, 16 by default): close one. Or frames of 16 MiB
    /// together wait to be sent: wait for some of them.
    #[error("all sockets are in use, or too much waits to be sent")]
    Quota,
    /// No subscription has this name.
    #[error("no subscription has this name")]
    UnknownName,
    /// Not connected now, or the connection ended before the frame was written. `on_open` will tell when it is back;
    /// nothing was queued.
    #[error("not open")]
    NotOpen,
    /// Over the socket's `max_message_bytes`.
    #[error("message too large")]
    TooLarge,
    /// The frame could not be handed over in time. It may have been sent in part; then the connection ends.
    #[error("out of time")]
    Timeout,
}

/// Wants a socket under this name (1 to 64 bytes). Returns at once.
///
/// The same name again keeps the connection; a changed URL or option is used at the next dial ([`reconnect`] forces
/// it). Part of the set that `start` replaces.
///
/// # Errors
/// `Denied`, `Invalid`, `NoHandler`, `Quota`.
pub fn subscribe(name: &str, url: &str, options: Options) -> Result<(), Error> {
    calls::websocket_subscribe(name, url, options)
}

/// Sends one frame; returns when it was handed to the operating system.
///
/// Waits while the socket's write queue (16 frames or 1 MiB) is full, at most 10 s. Frames of one handler go out in the
/// order of the calls.
///
/// # Errors
/// `UnknownName`, `NotOpen`, `Quota`, `TooLarge`, `Timeout`.
pub async fn send(name: &str, frame: impl Into<Frame>) -> Result<(), Error> {
    send_filled(name, frame, Vec::new()).await
}

/// As [`send`], with secrets written into the frame.
///
/// # Errors
/// Those of [`send`], and `Denied`, `Invalid`.
pub async fn send_filled(name: &str, frame: impl Into<Frame>, fills: Vec<Fill>) -> Result<(), Error> {
    calls::websocket_send(name.to_owned(), frame.into(), fills).await
}

/// Closes the connection, if there is one, and dials with the latest URL and options: at once, but not sooner than
/// [`Backoff::first`] after the last dial, nor more often than the operator's `dials_per_minute`.
///
/// # Errors
/// `UnknownName`.
pub fn reconnect(name: &str) -> Result<(), Error> {
    calls::websocket_reconnect(name)
}

/// Closes the connection and ends the subscription; no further event of it is delivered.
///
/// # Errors
/// `UnknownName`.
pub fn close(name: &str) -> Result<(), Error> {
    calls::websocket_close(name)
}
