//! What a caller of the driver can do wrong, each naming what to change.
use super::plan::{
    MAX_BACKOFF, MAX_HEADER_BYTES, MAX_HEADERS, MAX_MESSAGE_BYTES, MAX_PING_BYTES, MAX_SUBPROTOCOLS,
};
use ports::secret::FillError;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    #[error("a socket needs a ws:// or wss:// URL, not {scheme}://")]
    Scheme { scheme: String },
    #[error("the URL has characters that an HTTP request line cannot carry; percent-encode them")]
    Url,
    #[error("{0:?} is not a header name")]
    HeaderName(String),
    #[error("the value of header {0:?} has characters other than visible ASCII, space and tab")]
    HeaderValue(String),
    #[error("header {0:?} belongs to the host")]
    HostHeader(String),
    #[error("more than {MAX_HEADERS} headers, or more than {MAX_HEADER_BYTES} bytes of them")]
    TooManyHeaders,
    #[error("a secret cannot go into {at} of {of}")]
    FillPlace { at: String, of: &'static str },
    #[error("{at} points at nothing in the first frame")]
    FillPointer { at: String },
    #[error("subprotocol {0:?} is not a token, or is named twice")]
    Subprotocol(String),
    #[error("more than {MAX_SUBPROTOCOLS} subprotocols")]
    TooManySubprotocols,
    #[error("the first frame has {bytes} bytes, over the limit of {limit}")]
    FirstFrame { bytes: usize, limit: usize },
    #[error("the ping needs 1 to {MAX_PING_BYTES} bytes of text, and durations over zero")]
    Ping,
    #[error("{0:?} is not a JSON pointer: empty, or starting with '/'")]
    Pointer(String),
    #[error("back-off: the first delay must be over zero, at most the longest, and that at most {} s", MAX_BACKOFF.as_secs())]
    Backoff,
    #[error("the message limit must be 1 to {MAX_MESSAGE_BYTES} bytes")]
    MessageLimit,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// Nothing was sent. Wait for the next `Opened`.
    #[error("the socket is not open")]
    NotOpen,
    #[error("a frame of {bytes} bytes is over the limit of {limit}")]
    TooLarge { bytes: usize, limit: usize },
    #[error(transparent)]
    Denied(#[from] FillError),
    /// The frame is not JSON text, or the pointer points at nothing in it.
    #[error("no {at} in the frame")]
    BadPointer { at: String },
    /// The test of a place would look at one of them and the platform perhaps at the other.
    #[error("two keys of the frame differ in letter case only; with fills that is refused")]
    TwinKeys,
    /// The connection ended meanwhile. Whether the platform got the frame is not known.
    #[error("the connection ended before the frame was sent")]
    Closed,
}
