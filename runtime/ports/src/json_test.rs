//! A test that the host can run on a JSON frame without waking the guest, such as `/type == "pong"`.
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeSet;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JsonTest {
    /// An RFC 6901 pointer: empty for the whole document, otherwise starting with `/`.
    pub pointer: String,
    pub equals: Value,
}

/// Whether an object in it has two keys that differ in letter case only: some readers take the one for the other.
pub fn has_twin_keys(json: &Value) -> bool {
    match json {
        Value::Object(map) => {
            let folded: BTreeSet<String> = map.keys().map(|key| key.to_lowercase()).collect();
            folded.len() < map.len() || map.values().any(has_twin_keys)
        }
        Value::Array(list) => list.iter().any(has_twin_keys),
        _ => false,
    }
}

impl JsonTest {
    pub fn holds(&self, frame: &Value) -> bool {
        frame.pointer(&self.pointer) == Some(&self.equals)
    }

    /// For text that may not be JSON at all; then nothing holds.
    pub fn holds_in(&self, text: &str) -> bool {
        serde_json::from_str(text).is_ok_and(|frame| self.holds(&frame))
    }
}
