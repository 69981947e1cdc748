//! The small rooms: log, publish, status, timers, tools.

use crate::guest::bindings::log::connector::runtime::log::Level;
use crate::guest::bindings::publish::connector::runtime::publish::Error as PublishError;
use crate::guest::bindings::status::connector::runtime::status::State;
use crate::guest::bindings::timers::connector::runtime::timers::Error as TimerError;
use crate::guest::bindings::tools::exports::connector::runtime::tools_handler::Error as ToolError;
use crate::{log, publish, status, timers, tools};

impl From<log::Level> for Level {
    fn from(level: log::Level) -> Self {
        match level {
            log::Level::Trace => Self::Trace,
            log::Level::Debug => Self::Debug,
            log::Level::Info => Self::Info,
            log::Level::Warn => Self::Warn,
            log::Level::Error => Self::Error,
        }
    }
}

impl From<status::State> for State {
    fn from(state: status::State) -> Self {
        match state {
            status::State::Idle => Self::Idle,
            status::State::Connecting => Self::Connecting,
            status::State::Connected => Self::Connected,
            status::State::Degraded => Self::Degraded,
            status::State::Failed => Self::Failed,
        }
    }
}

impl From<PublishError> for publish::Error {
    fn from(error: PublishError) -> Self {
        match error {
            PublishError::Invalid(what) => Self::Invalid(what),
            PublishError::Quota => Self::Quota,
        }
    }
}

impl From<TimerError> for timers::Error {
    fn from(error: TimerError) -> Self {
        match error {
            TimerError::NoHandler => Self::NoHandler,
            TimerError::OutOfRange(what) => Self::OutOfRange(what),
            TimerError::Quota => Self::Quota,
            TimerError::Timeout => Self::Timeout,
        }
    }
}

impl From<tools::Error> for ToolError {
    fn from(error: tools::Error) -> Self {
        match error {
            tools::Error::Invalid(what) => Self::Invalid(what),
            tools::Error::Failed(why) => Self::Failed(why),
        }
    }
}
