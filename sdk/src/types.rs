//! Shapes that several rooms share.

use std::time::Duration;

/// What every event handler gets first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// Place of this handler call among all of this instance: 0 for the first after `start`. The SDK admits handlers by
    /// it.
    pub order: u64,
    /// Place of the event in its source (one socket, one timer, one ticket): increasing, with gaps, never reused while the
    /// runtime's process lives. A repeat keeps its number, a block or ending of the agent also in the next process.
    pub sequence: u64,
    /// 1 for the first delivery, one more for each repeat: after a `Retry`, or because the instance died while this
    /// event was in flight. Above 1, look before you repeat an effect.
    pub attempt: u32,
}

/// A handler's answer. The host keeps the event until it has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Disposition {
    /// Dealt with; the host forgets the event.
    Done,
    /// Deliver it again after this time: raised to at least 10 ms, and up to 1 s with every further attempt; lowered to at
    /// most an hour. After 24 h (the operator's `retry_hours`) it is rejected.
    Retry(Duration),
    /// Never deliver it again. A message, reply or frame is kept for the operator, with the reason (at most 1 KiB, the rest
    /// is cut), and may come again if he wants.
    Reject(String),
}

/// Puts a secret into an outgoing request or frame.
///
/// The connector never sees the value. The operator's grant lists the places of each secret; any other is refused with
/// `Denied`. At most 8 per call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fill {
    /// The name under which the operator configured it.
    pub secret: String,
    pub at: Place,
    pub form: Form,
}

impl Fill {
    pub fn new(secret: impl Into<String>, at: Place, form: Form) -> Self {
        Self { secret: secret.into(), at, form }
    }

    /// `authorization: Bearer <secret>`
    pub fn bearer(secret: impl Into<String>) -> Self {
        Self::new(secret, Place::header("authorization"), Form::Bearer)
    }

    /// The value at an RFC 6901 pointer into the JSON of a body or text frame. It must exist there; it is replaced.
    pub fn json(secret: impl Into<String>, pointer: impl Into<String>) -> Self {
        Self::new(secret, Place::json(pointer), Form::Raw)
    }
}

/// Where a secret is written. Names, keys and pointers have at most 256 bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The value of this header; lower case. Replaces what the connector gave for it.
    Header(String),
    /// A query pair with this key, appended to the URL.
    Query(String),
    /// An RFC 6901 pointer into a JSON body or text frame. What it points at must exist; it is replaced.
    Json(String),
}

impl Place {
    pub fn header(name: impl Into<String>) -> Self {
        Self::Header(name.into())
    }

    pub fn query(key: impl Into<String>) -> Self {
        Self::Query(key.into())
    }

    pub fn json(pointer: impl Into<String>) -> Self {
        Self::Json(pointer.into())
    }
}

/// How a secret is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    Raw,
    /// `Bearer <secret>`
    Bearer,
    /// `Basic base64(<user>:<secret>)`, with this user.
    Basic(String),
}

/// Holds for a JSON text frame in which `pointer` (RFC 6901) points at a value equal to `equals`.
#[derive(Clone, Debug, PartialEq)]
pub struct JsonTest {
    pub pointer: String,
    pub equals: serde_json::Value,
}

impl JsonTest {
    /// `JsonTest::new("/type", "pong")`
    pub fn new(pointer: impl Into<String>, equals: impl Into<serde_json::Value>) -> Self {
        Self { pointer: pointer.into(), equals: equals.into() }
    }
}

/// Whole milliseconds, rounded up so that no wait is shorter than asked; what does not fit is left to the host's range
/// check.
#[cfg(any(target_family = "wasm", test))]
pub(crate) fn millis(time: Duration) -> u32 {
    u32::try_from(time.as_nanos().div_ceil(1_000_000)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_millisecond_counts_as_a_whole_one() {
        assert_eq!(millis(Duration::from_micros(1)), 1);
        assert_eq!(millis(Duration::from_millis(7)), 7);
        assert_eq!(millis(Duration::MAX), u32::MAX);
    }
}
