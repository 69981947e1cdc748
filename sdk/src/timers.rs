//! Time, and events at a time. Timers belong to the host: they outlive the instance, but neither the process nor a pause or
//! quarantine.

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
    /// All timers of the instance are in use (the operator's `timers`, 64 by default): cancel one.
    #[error("all timers are in use")]
    Quota,
    /// The handler that waits is out of time: return.
    #[error("out of time")]
    Timeout,
}

/// Wants `on_fire(name)` at every interval, first after one; 100 ms to 24 h.
///
/// The same name and interval again changes nothing; another interval starts it anew. A tick that finds the last one
/// not yet answered is dropped and counted. Part of the set that `start` replaces: one that it does not name ends as by
/// [`cancel`].
///
/// # Errors
/// `NoHandler`, `OutOfRange`, `Quota`.
pub fn subscribe(name: &str, every: Duration) -> Result<(), Error> {
    calls::timer_subscribe(name, every)
}

/// Wants `on_fire(name)` once, after 10 ms to 24 h. The same name again moves it, also where it has fired and waits for its
/// handler. Not part of the set that `start` replaces.
///
/// # Errors
/// `NoHandler`, `OutOfRange`, `Quota`.
pub fn once(name: &str, delay: Duration) -> Result<(), Error> {
    calls::timer_once(name, delay)
}

/// No handler of this timer begins any more: one that has fired and waits for its handler does not come, nor does a repeat
/// of one that was begun.
///
/// True when this prevented something: a single timer whose handler has not begun yet, or a repeating one. False: there was
/// no such timer, or its only handler has begun.
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
