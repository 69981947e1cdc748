//! Who is connected to the gateway, as we show it. Addresses and people's names stay out.

use crate::field::{self, ID, LABEL};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// The newest are shown.
pub(crate) const MOST: usize = 200;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Presence {
    pub(crate) id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) host: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) client: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) mode: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) platform: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    pub(crate) online: bool,
    /// Milliseconds since 1970, by the gateway's clock; 0 if it did not say.
    pub(crate) at: u64,
}

impl Presence {
    /// None: nothing in it tells it from others.
    fn read(row: &Value) -> Option<Self> {
        let id = ["deviceId", "instanceId", "id", "clientId", "host"]
            .iter()
            .find_map(|key| field::id(row, key, ID))?;
        let label = |name| field::text(row, name, LABEL);
        let reason = label("reason");
        Some(Self {
            id,
            host: label("host"),
            client: label("clientId"),
            mode: label("mode"),
            version: label("version"),
            platform: label("platform"),
            online: reason.as_deref() != Some("disconnect"),
            reason,
            at: field::number(row, "ts").unwrap_or(0),
        })
    }

    /// All of a list; the gateway tells of a device once per connection, and the newest counts.
    pub(crate) fn all(rows: &[Value]) -> BTreeMap<String, Self> {
        let mut newest = BTreeMap::<String, Self>::new();
        for row in rows.iter().filter_map(Self::read) {
            match newest.get(&row.id) {
                Some(known) if (known.online, known.at) >= (row.online, row.at) => {}
                _ => drop(newest.insert(row.id.clone(), row)),
            }
        }
        while newest.len() > MOST
            && let Some(oldest) =
                newest.values().min_by_key(|row| (row.online, row.at)).map(|row| row.id.clone())
        {
            newest.remove(&oldest);
        }
        newest
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_device_that_is_still_connected_once_is_online() {
        let row = |reason: &str, ts: u64| json!({ "deviceId": "d", "reason": reason, "ts": ts });
        let all = Presence::all(&[row("connect", 1), row("disconnect", 3), row("connect", 2)]);
        assert!(all["d"].online);
        assert_eq!((all.len(), all["d"].at), (1, 2));
    }

    #[test]
    fn no_more_than_so_many_are_kept_and_no_address() {
        let row = |at: usize| json!({ "instanceId": format!("i{at}"), "ip": "192.0.2.2", "ts": at });
        let all = Presence::all(&(0..1000).map(row).collect::<Vec<_>>());
        assert_eq!(all.len(), MOST);
        assert!(all.contains_key("i999") && !all.contains_key("i0"));
        assert!(!serde_json::to_string(&all).unwrap().contains("192.0.2.2"));
    }
}
