//! The two answers to the method `agent`: accepted at once, ended when the run is over.

use crate::lenient::Lenient as _;
use serde_json::Value;

pub(crate) const ACCEPTED: &str = "accepted";

/// The first answer ([`crate::link::Incoming::Response`] with `is_last` false).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentAccepted {
    /// Our idempotency key.
    pub run_id: String,
    /// In the gateway's form.
    pub session_key: Option<String>,
}

/// The last answer. What a refusal carries has the same shape: read `payload_of_refusal` then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentEnded {
    pub run_id: String,
    pub status: AgentStatus,
    /// The visible answer, its payloads joined by an empty line; None if there is none.
    pub text: Option<String>,
    /// Such as `completed`, or why it failed.
    pub summary: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AgentStatus {
    Ok,
    Error,
    /// One that we do not know, such as `in_flight` for a repeated key.
    Other(String),
}

impl AgentAccepted {
    /// None if the payload is no acceptance.
    pub fn read(payload: &Value) -> Option<Self> {
        let is_accepted = payload.text("status") == Some(ACCEPTED);
        let run_id = payload.owned("runId").filter(|_| is_accepted)?;
        Some(Self { run_id, session_key: payload.owned("sessionKey") })
    }
}

impl AgentEnded {
    /// None if the payload is an acceptance, or names no run or no status.
    pub fn read(payload: &Value) -> Option<Self> {
        let status = match payload.text("status")? {
            ACCEPTED => return None,
            "ok" => AgentStatus::Ok,
            "error" => AgentStatus::Error,
            other => AgentStatus::Other(other.chars().take(64).collect()),
        };
        let run_id = payload.owned("runId")?;
        Some(Self { run_id, status, text: answer(payload), summary: payload.owned("summary") })
    }
}

/// From `result.payloads`, else from the receipt that `agent.wait` gives.
fn answer(payload: &Value) -> Option<String> {
    let payloads = payload.get("result").map(|result| result.list("payloads")).unwrap_or_default();
    let texts: Vec<_> =
        payloads.iter().filter_map(|part| part.text("text")).filter(|text| !text.is_empty()).collect();
    if texts.is_empty() {
        return payload
            .get("terminalReply")
            .and_then(|reply| reply.owned("text"))
            .filter(|text| !text.is_empty());
    }
    Some(texts.join("\n\n"))
}
