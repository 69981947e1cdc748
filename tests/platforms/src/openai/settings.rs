//! What a test may want different about the server itself, as opposed to how it misbehaves.

use std::time::Duration;

/// Spell out what differs: `Settings { port: 4000, ..Settings::default() }`.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Port on 127.0.0.1; 0, the default, takes a free one.
    pub port: u16,
    /// The one key that is taken.
    pub key: String,
    /// Models there are. Another gets 404 `model_not_found`.
    pub models: Vec<String>,
    /// How long the awaiting methods wait before they panic. Default 30 s: a loaded build machine is slow, and nothing
    /// that works waits that long.
    pub patience: Duration,
    /// Requests remembered; counts go on. Default 10_000.
    pub keep: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            port: 0,
            key: "sk-far-end-0123456789abcdef".into(),
            models: vec!["far-end-1".into()],
            patience: Duration::from_secs(30),
            keep: 10_000,
        }
    }
}
