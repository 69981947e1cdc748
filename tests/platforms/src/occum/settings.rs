//! What a test may want different about the platform itself, as opposed to how it misbehaves.

use std::time::Duration;

/// Limits of one platform. Spell out what differs: `Settings { keep: 0, ..Settings::default() }`.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Port on 127.0.0.1; 0, the default, takes a free one.
    pub port: u16,
    /// How long a socket may take to send its `auth` frame. Default 5 s.
    pub auth_within: Duration,
    /// How long the awaiting methods wait before they panic. Default 30 s: a loaded build machine is slow, and
    /// nothing that works waits that long.
    pub patience: Duration,
    /// Requests, frames and sessions remembered, and posts per channel; older ones are forgotten, counts go on.
    /// Default 10_000; 0 remembers nothing, for a bench.
    pub keep: usize,
    /// Events per channel that `GET …/events` can still answer. Default 100_000; an older `after` is unknown.
    pub history: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            port: 0,
            auth_within: Duration::from_secs(5),
            patience: Duration::from_secs(30),
            keep: 10_000,
            history: 100_000,
        }
    }
}
