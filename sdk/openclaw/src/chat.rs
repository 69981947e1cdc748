//! The events of a run: the gateway's `chat` and `chat.side_result`.

use crate::frame::Event;
use crate::lenient::{self, Lenient as _};
use serde_json::Value;

pub use crate::run::{Outcome, Run, Step};

/// One event of one run.
#[derive(Debug, Clone, PartialEq)]
pub struct ChatEvent {
    /// Our idempotency key, if the run is ours and was not resumed after a restart.
    pub run: String,
    /// In the gateway's form (`agent:main:…`): compare with [`crate::session::same`].
    pub session: String,
    pub chat: Chat,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Chat {
    /// The run is being prepared. No text.
    Status {
        phase: String,
    },
    /// Text came. `text` is new since the last delta; with `replace` it takes the place of all before. `so_far` is
    /// the whole text up to here.
    Delta {
        text: Option<String>,
        replace: bool,
        so_far: Option<String>,
    },
    /// The run is over. No text: it was silent, or merged into another run.
    Final {
        text: Option<String>,
        stop_reason: Option<String>,
    },
    Aborted {
        stop_reason: Option<String>,
        text: Option<String>,
    },
    /// The run failed. `kind` such as `timeout` or `rate_limit`.
    Error {
        message: String,
        kind: Option<String>,
    },
    /// The answer to a side question. The run's own `Final` follows, without text.
    SideResult {
        question: Option<String>,
        text: String,
        is_error: bool,
    },
    /// A state that we do not know. Not an error.
    Unknown(String),
}

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("read a {event} event: {field} is missing or no text")]
pub struct BadChat {
    pub event: String,
    pub field: &'static str,
}

impl ChatEvent {
    /// None if the event is of another kind.
    ///
    /// # Errors
    /// The event names no run or no session: nobody can be told.
    pub fn read(event: &Event) -> Option<Result<Self, BadChat>> {
        let chat = match event.name.as_str() {
            "chat" => Chat::read,
            "chat.side_result" => Chat::side_result,
            _ => return None,
        };
        let payload = &event.payload;
        let field = |field: &'static str| {
            payload.owned(field).ok_or_else(|| BadChat { event: event.name.clone(), field })
        };
        let read = || Ok(Self { run: field("runId")?, session: field("sessionKey")?, chat: chat(payload) });
        Some(read())
    }
}

impl Chat {
    /// Whether nothing more is to come of the run.
    pub fn is_terminal(&self) -> bool {
        matches!(self, Self::Final { .. } | Self::Aborted { .. } | Self::Error { .. })
    }

    fn read(payload: &Value) -> Self {
        let text = || payload.field("message").and_then(lenient::message);
        let stop_reason = payload.owned("stopReason");
        match payload.text("state").unwrap_or_default() {
            "status" => Self::Status { phase: payload.owned("phase").unwrap_or_default() },
            "delta" => Self::Delta {
                text: payload.owned("deltaText"),
                replace: payload.flag("replace"),
                so_far: text(),
            },
            "final" => Self::Final { text: text(), stop_reason },
            "aborted" => Self::Aborted { stop_reason, text: text() },
            "error" => Self::Error {
                message: payload.owned("errorMessage").unwrap_or_else(|| "the run failed".to_owned()),
                kind: payload.owned("errorKind"),
            },
            unknown => Self::Unknown(unknown.chars().take(64).collect()),
        }
    }

    fn side_result(payload: &Value) -> Self {
        Self::SideResult {
            question: payload.owned("question"),
            text: payload.owned("text").unwrap_or_default(),
            is_error: payload.flag("isError"),
        }
    }
}
