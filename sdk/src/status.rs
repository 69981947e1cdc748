//! What the connector thinks of its connection to the platform, for `runtime status`.
//!
//! The host's own judgement (last frame, restarts) stands beside it. A new instance keeps the last report: do not
//! report from `start` what only a new connection makes true.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nothing to do, for example because a secret is missing.
    Idle,
    Connecting,
    Connected,
    /// Works in part: say what in `detail`.
    Degraded,
    /// Will not work without a person: say what to do in `detail`.
    Failed,
}

/// Replaces the last report. `detail` is cut at 256 bytes; control characters are escaped, the instance's secrets replaced. A
/// change of the state is a line of the log too, of those that [`log`](crate::log) counts.
pub fn report(state: State, detail: Option<&str>) {
    crate::calls::report(state, detail);
}
