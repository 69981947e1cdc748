//! One session, as we show it: what is going on, never what was written.

use crate::field::{self, ID, KEY, LABEL};
use serde::{Deserialize, Serialize};
use serde_json::Value;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Session {
    pub(crate) key: String,
    pub(crate) agent: String,
    /// Changes when a session is reset; the key does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) session_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) label: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) kind: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) channel: Option<String>,
    /// The gateway's word, such as `running` or `done`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<String>,
    pub(crate) running: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) model: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) total_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) started_at: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ended_at: Option<u64>,
    /// Milliseconds since 1970, by the gateway's clock; 0 if it did not say.
    pub(crate) updated_at: u64,
}

impl Session {
    /// A row of `sessions.list`, or the `session` of an event. None: it has no usable key.
    pub(crate) fn read(row: &Value) -> Option<Self> {
        let key = field::id(row, "key", KEY)?;
        let label = |name| field::text(row, name, LABEL);
        let status = label("status");
        let running = field::flag(row, "hasActiveRun").unwrap_or(status.as_deref() == Some("running"));
        let model = match (label("modelProvider"), label("model")) {
            (Some(provider), Some(model)) if !model.contains('/') => Some(format!("{provider}/{model}")),
            (_, model) => model,
        };
        Some(Self {
            agent: field::id(row, "agentId", ID).unwrap_or_else(|| field::cut(agent_of(&key), ID)),
            session_id: field::id(row, "sessionId", ID),
            label: label("label").or_else(|| label("displayName")),
            kind: label("kind"),
            channel: label("channel"),
            running,
            status,
            model,
            total_tokens: field::number(row, "totalTokens"),
            started_at: field::number(row, "startedAt"),
            ended_at: field::number(row, "endedAt"),
            updated_at: field::number(row, "updatedAt").unwrap_or(0),
            key,
        })
    }
}

/// The agent that a key of the gateway's form names: `agent:<id>:…`.
fn agent_of(key: &str) -> &str {
    key.strip_prefix("agent:").and_then(|rest| rest.split(':').next()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_was_written_is_not_kept() {
        let row = json!({ "key": "agent:main:x", "lastMessagePreview": "secret", "modelProvider": "p", "model": "m" });
        let session = Session::read(&row).unwrap();
        assert_eq!((session.agent.as_str(), session.model.as_deref()), ("main", Some("p/m")));
        assert!(!serde_json::to_string(&session).unwrap().contains("secret"));
    }

    #[test]
    fn however_long_and_odd_it_is_what_we_show_stays_small() {
        let odd = |letters: usize| "\u{1}\"".repeat(letters / 2);
        let mut row =
            json!({ "key": odd(512), "agentId": odd(128), "sessionId": odd(128), "updatedAt": u64::MAX });
        for key in ["label", "kind", "channel", "status", "modelProvider", "model"] {
            row[key] = json!("\"".repeat(5000));
        }
        assert!(serde_json::to_string(&Session::read(&row).unwrap()).unwrap().len() < 8 << 10);
    }

    #[test]
    fn a_run_counts_before_the_last_status() {
        let row = |active: Value| json!({ "key": "k", "status": "running", "hasActiveRun": active });
        assert!(Session::read(&row(json!(null))).unwrap().running);
        assert!(!Session::read(&row(json!(false))).unwrap().running);
    }

    #[test]
    fn without_a_key_there_is_none() {
        for row in [json!({}), json!({ "key": "x".repeat(513) }), json!({ "key": 1 }), json!([1])] {
            assert_eq!(Session::read(&row), None);
        }
    }
}
