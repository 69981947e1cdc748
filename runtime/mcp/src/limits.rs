//! How much a client may take.
use std::time::Duration;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Of one message.
    pub body_bytes: usize,
    /// Open at once, over all endpoints; the next ones wait. One endpoint's requests take at most half of them, its
    /// open streams at most a quarter.
    pub connections: usize,
    /// At once per endpoint. When they are all taken, the one that was idle longest, and for a minute at least, makes
    /// room.
    pub sessions: usize,
    /// A session ends after so long without a request or an open stream.
    pub session_idle: Duration,
    /// Running at once per endpoint; one more is answered as busy.
    pub calls: usize,
    /// Longer than whoever has the tools takes to give up by itself: he knows better what came of it.
    pub call_timeout: Duration,
    /// For a client to send the head of a request, then its body, and to take any of what it is sent.
    pub client_timeout: Duration,
    /// Of a result as compact JSON. On the wire it takes up to three times that: a result that is an object is sent
    /// as text and as itself.
    pub answer_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 1 << 20,
            connections: 64,
            sessions: 64,
            session_idle: Duration::from_secs(3600),
            calls: 16,
            call_timeout: Duration::from_secs(75),
            client_timeout: Duration::from_secs(10),
            answer_bytes: 256 << 10,
        }
    }
}
