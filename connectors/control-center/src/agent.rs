//! One agent, as we show it.

use crate::field::{self, ID, LABEL};
use serde::{Deserialize, Serialize};
use serde_json::Value;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Agent {
    pub(crate) id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    pub(crate) is_default: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) model: Option<String>,
    /// Of the sessions that we know.
    pub(crate) sessions: usize,
    /// Sessions in which it is at work.
    pub(crate) running: usize,
    /// Milliseconds since 1970, by the gateway's clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_activity_at: Option<u64>,
}

impl Agent {
    /// One of whom only the id is known.
    pub(crate) fn named(id: impl Into<String>) -> Self {
        Self { id: id.into(), ..Self::default() }
    }

    /// A row of `agents.list`. None: it has no usable id.
    pub(crate) fn read(row: &Value, default: Option<&str>) -> Option<Self> {
        let id = field::id(row, "id", ID)?;
        let identity = row.get("identity").and_then(|identity| field::text(identity, "name", LABEL));
        let model = row.get("model").and_then(|model| match model {
            Value::String(name) => Some(field::cut(name, LABEL)),
            other => field::text(other, "primary", LABEL),
        });
        let is_default = default == Some(id.as_str());
        Some(Self {
            name: field::text(row, "name", LABEL).or(identity),
            is_default,
            model,
            ..Self::named(id)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_row_is_read_and_one_without_an_id_is_not() {
        let row =
            json!({ "id": "main", "name": "Anna", "model": { "primary": "fake/echo-1" }, "workspace": "/x" });
        let agent = Agent::read(&row, Some("main")).unwrap();
        assert_eq!((agent.name.as_deref(), agent.model.as_deref()), (Some("Anna"), Some("fake/echo-1")));
        assert!(agent.is_default);
        for row in [json!({}), json!({ "id": "" }), json!({ "id": 5 }), json!("main"), json!(null)] {
            assert_eq!(Agent::read(&row, None), None, "{row}");
        }
    }
}
