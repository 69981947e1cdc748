//! An error answer of the gateway.

use crate::lenient::Lenient as _;
use serde_json::Value;
use std::time::Duration;

/// Why the gateway refused. Branch on [`Problem::code`], [`Problem::detail_code`] and [`Problem::reason`], never on the
/// message.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct Problem {
    /// Such as `INVALID_REQUEST`; an older gateway's number is written as text. `UNKNOWN` if there is none.
    pub code: String,
    pub message: String,
    /// Null if there are none.
    pub details: Value,
    pub retryable: bool,
    pub retry_after: Option<Duration>,
}

impl Problem {
    /// From the `error` of a response, in whatever shape: an object, a string, or nothing at all.
    pub fn read(error: &Value) -> Self {
        let code = error.get("code").and_then(|code| match code {
            Value::String(text) if !text.is_empty() => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        });
        let message = error.text("message").or_else(|| error.as_str()).unwrap_or("refused without a message");
        Self {
            code: code.unwrap_or_else(|| "UNKNOWN".to_owned()),
            message: message.to_owned(),
            details: error.get("details").cloned().unwrap_or_default(),
            retryable: error.flag("retryable"),
            retry_after: error.whole("retryAfterMs").map(Duration::from_millis),
        }
    }

    /// The finer code, such as `PAIRING_REQUIRED`.
    pub fn detail_code(&self) -> Option<&str> {
        self.details.text("code")
    }

    /// The finer reason, such as `scope-upgrade` or `startup-sidecars`.
    pub fn reason(&self) -> Option<&str> {
        self.details.text("reason")
    }
}
