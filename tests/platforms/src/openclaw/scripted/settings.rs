//! What a scripted gateway is like before anybody touches it.

use std::time::Duration;

pub struct Settings {
    /// The shared token. Whoever has it is the owner.
    pub token: String,
    /// Between two ticks of a connection.
    pub tick: Duration,
    /// From the connection to `connect`.
    pub handshake: Duration,
    /// Whether pictures are accepted.
    pub vision: bool,
    /// What happens after a crash to the run that was active.
    pub recovery: Recovery,
    /// How long a test waits for something before it fails.
    pub patience: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            token: "scripted-token".to_owned(),
            tick: Duration::from_secs(30),
            handshake: Duration::from_secs(15),
            vision: false,
            recovery: Recovery::WhenTold,
            patience: Duration::from_secs(30),
        }
    }
}

/// What happens after a crash to a run whose user's row was written and that had not ended. It has a new id then, and
/// begins with a row of the gateway's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recovery {
    /// It is never heard of again.
    Never,
    /// It goes on after `resume`.
    WhenTold,
    /// It goes on by itself.
    After(Duration),
}
