//! The payload of `chat.history`.
//!
//! The gateway forgets the keys it has seen at a restart, and a repeated message runs again. But its history keeps
//! our key. So read the history before anything is sent a second time: [`History::fate`].

use crate::frame::kind;
use crate::lenient::{self, Lenient as _};
use serde_json::{Value, json};

pub use crate::fate::Fate;

/// The gateway refuses to be asked for more.
const MOST_ROWS: u64 = 1000;
const LONGEST_TEXT: u64 = 500_000;

/// How the gateway's own key of that word ends (`main-session-restart-recovery:…:failed-notice`).
const GIVEN_UP: &str = ":failed-notice";

/// What the gateway ends a cut text with.
const CUT: &str = "\n...(truncated)...";

/// A session's rows, oldest first, and what is going on in it.
#[derive(Debug, Clone, PartialEq)]
pub struct History {
    pub rows: Vec<Row>,
    /// There are older rows that are not here.
    pub has_more: bool,
    pub total: Option<u64>,
    /// A run is going on.
    pub active: bool,
    pub active_runs: Vec<String>,
    /// A run was cut off by the gateway's end, and the gateway means to go on with it; it does so one by one.
    pub recovering: bool,
    /// Messages that wait for their turn, as they came.
    pub pending: Vec<Value>,
    /// How many wait; may be more than are here.
    pub pending_total: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Such as `user`, `assistant`, `toolResult`, `custom`.
    pub role: String,
    pub text: String,
    pub run: Option<String>,
    /// As it stands there: ours with `:user` behind it.
    pub idempotency_key: Option<String>,
    pub id: Option<String>,
    pub at_ms: Option<u64>,
    /// The assistant's, with text and without a call of a tool: an answer, unless the row says otherwise below.
    pub is_final: bool,
    /// What an aborted run had said.
    pub is_aborted: bool,
    /// The run failed; the text says why.
    pub is_error: bool,
    /// The gateway's word that it gives this session up after a restart; nothing runs in it any more.
    pub is_given_up: bool,
    /// The gateway cut the text: it was longer than what was asked for ([`History::params`] asks for all it gives).
    pub is_cut: bool,
}

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("read a history: expected an object, got {got}")]
pub struct BadHistory {
    pub got: &'static str,
}

impl History {
    /// What to ask `chat.history` with, for the newest rows. Without this the gateway cuts texts at 8,000 characters.
    pub fn params(session: &str, rows: u64) -> Value {
        json!({ "sessionKey": session, "limit": rows.clamp(1, MOST_ROWS), "maxChars": LONGEST_TEXT })
    }

    /// # Errors
    /// Only if the payload is no object.
    pub fn read(payload: &Value) -> Result<Self, BadHistory> {
        if !payload.is_object() {
            return Err(BadHistory { got: kind(payload) });
        }
        let part = |name: &str| payload.get(name).unwrap_or(&Value::Null);
        let (session, waiting) = (part("sessionInfo"), part("pendingInputs"));
        let active_runs = session.texts("activeRunIds");
        let pending = waiting.list("items").to_vec();
        Ok(Self {
            rows: payload.list("messages").iter().map(Row::read).collect(),
            has_more: payload.flag("hasMore"),
            total: payload.whole("totalMessages"),
            recovering: session.flag("abortedLastRun") && session.text("status") == Some("running"),
            active: session.flag("hasActiveRun") || !active_runs.is_empty(),
            active_runs,
            pending_total: waiting.whole("total").unwrap_or(0).max(pending.len() as u64),
            pending,
        })
    }
}

impl Row {
    fn read(message: &Value) -> Self {
        let ours = message.get("__openclaw").unwrap_or(&Value::Null);
        let either = |name: &str| message.owned(name).or_else(|| ours.owned(name));
        let (role, stop) =
            (message.owned("role").unwrap_or_default(), message.text("stopReason").unwrap_or_default());
        let idempotency_key = either("idempotencyKey");
        let ends = |end: &str| idempotency_key.as_ref().is_some_and(|key| key.ends_with(end));
        let (failed, is_given_up) = (ends(":terminal-error"), ends(GIVEN_UP));
        let is_aborted =
            stop == "aborted" || message.get("openclawAbort").is_some_and(|abort| abort.flag("aborted"));
        let is_error = failed || stop == "error";
        let said = lenient::message(message).filter(|text| !text.is_empty());
        let text = said.or_else(|| message.owned("errorMessage").filter(|_| is_error)).unwrap_or_default();
        let is_cut = ours.flag("truncated") || text.ends_with(CUT);
        let is_answer = role == "assistant" && !text.is_empty() && stop != "toolUse" && !calls_tool(message);
        Self {
            is_final: is_answer && !is_aborted && !is_error && !is_given_up,
            run: either("runId"),
            id: ours.owned("id").or_else(|| message.owned("id")),
            at_ms: message.whole("timestamp").or_else(|| ours.whole("recordTimestampMs")),
            role,
            text,
            idempotency_key,
            is_aborted,
            is_error,
            is_given_up,
            is_cut,
        }
    }
}

fn calls_tool(message: &Value) -> bool {
    let calls = ["toolCall", "tool_call", "toolUse", "tool_use"];
    message.list("content").iter().any(|block| block.text("type").is_some_and(|kind| calls.contains(&kind)))
}
