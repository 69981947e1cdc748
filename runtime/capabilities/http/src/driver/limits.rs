//! How much one instance may do at once.
use std::time::Duration;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Requests on the wire at once. More wait within their own time-out.
    pub in_flight: usize,
    /// Requests that wait for one of those. Each holds its body; more are refused as [`super::FetchError::Quota`].
    pub waiting: usize,
    /// Sockets, idle ones included. A grant with a wildcard host would otherwise let a guest leave one idle socket at
    /// each of a thousand names. Should be over `in_flight`; when none is free, the idle ones are closed.
    pub connections: usize,
    /// Idle connections kept for one scheme, host and port.
    pub idle_per_host: usize,
    /// How long an idle connection may be used again; within another as much it is closed. Below what common servers keep theirs (nginx 75 s, Node 5 s but announced),
    /// so that it is mostly us who close.
    pub idle: Duration,
    pub request_body_bytes: usize,
    /// The most a request may ask for as its `max_response_bytes`.
    pub response_body_bytes: usize,
    /// At least 8 KiB, which is hyper's own least.
    pub response_head_bytes: usize,
    pub response_headers: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            in_flight: 16,
            waiting: 64,
            connections: 32,
            idle_per_host: 2,
            idle: Duration::from_secs(30),
            request_body_bytes: 4 << 20,
            response_body_bytes: 16 << 20,
            response_head_bytes: 64 << 10,
            response_headers: 128,
        }
    }
}
