//! Lines for the operator.
//!
//! ```no_run
//! let (channel, ms) = ("01989c2e", 12);
//! sdk::log::info!("posted in {ms} ms", channel = channel);
//! ```
//!
//! The host stamps each line with the instance and the event in whose handling it was written. Never log what people
//! wrote: ids and sizes. Past so many lines in ten seconds as the operator's `log_lines_per_10s` says (200 by default) lines
//! are dropped and counted; lines of standard output and standard error, and changes of `status`, are of the same number.

/// How much a line matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Trace,
    Debug,
    Info,
    Warn,
    Error,
}

/// Writes one line; the macros of this module are shorter.
///
/// `message` is cut at 4 KiB, `fields` at 16 pairs with values of 1 KiB; control characters are escaped; exact values
/// of the instance's secrets are replaced.
pub fn write(level: Level, message: &str, fields: &[(String, String)]) {
    crate::calls::log(level, message, fields);
}

#[doc(hidden)]
#[macro_export]
macro_rules! __log {
    ($level:ident, $message:literal $(, $key:ident = $value:expr)* $(,)?) => {
        $crate::log::write(
            $crate::log::Level::$level,
            &::std::format!($message),
            &[$((::std::string::String::from(::core::stringify!($key)), ::std::string::ToString::to_string(&$value))),*],
        )
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __log_trace { ($($line:tt)*) => { $crate::__log!(Trace, $($line)*) }; }
#[doc(hidden)]
#[macro_export]
macro_rules! __log_debug { ($($line:tt)*) => { $crate::__log!(Debug, $($line)*) }; }
#[doc(hidden)]
#[macro_export]
macro_rules! __log_info { ($($line:tt)*) => { $crate::__log!(Info, $($line)*) }; }
#[doc(hidden)]
#[macro_export]
macro_rules! __log_warn { ($($line:tt)*) => { $crate::__log!(Warn, $($line)*) }; }
#[doc(hidden)]
#[macro_export]
macro_rules! __log_error { ($($line:tt)*) => { $crate::__log!(Error, $($line)*) }; }

/// `debug!("message with {captured} names", field = value)`
#[doc(inline)]
pub use crate::__log_debug as debug;
/// `error!("message with {captured} names", field = value)`: somebody must act.
#[doc(inline)]
pub use crate::__log_error as error;
/// `info!("message with {captured} names", field = value)`: life cycle.
#[doc(inline)]
pub use crate::__log_info as info;
/// `trace!("message with {captured} names", field = value)`
#[doc(inline)]
pub use crate::__log_trace as trace;
/// `warn!("message with {captured} names", field = value)`: we shed or retried.
#[doc(inline)]
pub use crate::__log_warn as warn;
