//! Time, and events at a time. Timers belong to the host: they outlive the instance, not the process.

use crate::{Disposition, Event, calls};
use std::time::Duration;

/// Receives the instance's timers.
#[expect(async_fn_in_trait, reason = "a guest has one thread: no future of it has to be Send")]
pub trait Handler: crate::Connector {
    async fn on_fire(&self, event: Event, name: String) -> Disposition;
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// `timers` is not named in `connector!`.
    #[error("the connector has no handler for timers")]
    NoHandler,
    /// A name of 1 to 64 bytes is needed; times have the ranges of each function.
    #[error("out of range: {0}")]
    OutOfRange(String),
    /// All 64 timers of the instance are in use: cancel one.
    #[error("all timers are in use")]
    Quota,
    /// The handler that waits is out of time: return.
    #[error("out of time")]
    Timeout,
}

/// Wants `on_fire(name)` at every interval, first after one; 100 ms to 24 h.
///
/// The same name and interval again changes nothing; another interval starts it anew. A tick that finds the last one
/// not yet answered is dropped and counted. Part of the set that `start` replaces.
///
/// # Errors
/// `NoHandler`, `OutOfRange`, `Quota`.
pub fn subscribe(name: &str, every: Duration) -> Result<(), Error> {
    calls::timer_subscribe(name, every)
}

/// Wants `on_fire(name)` once, after 10 ms to 24 h. The same name again moves it. Not part of the set that `start`
/// replaces.
///
/// # Errors
/// `NoHandler`, `OutOfRange`, `Quota`.
pub fn once(name: &str, delay: Duration) -> Result<(), Error> {
    calls::timer_once(name, delay)
}

/// Whether there was such a timer.
pub fn cancel(name: &str) -> bool {
    calls::timer_cancel(name)
}

/// Waits inside a handler, at most 30 s; other handlers go on.
///
/// # Errors
/// `OutOfRange`, `Timeout`.
pub async fn sleep(time: Duration) -> Result<(), Error> {
    calls::sleep(time).await
}

/// Milliseconds since the Unix epoch, by the host's clock. May jump.
pub fn now_ms() -> u64 {
    calls::now_ms()
}

/// A time that never goes back, from a start of the host's choice; exact to a millisecond.
pub fn monotonic() -> Duration {
    Duration::from_millis(calls::monotonic_ms())
}
