//! `runtime keys` for people.
use super::{ago, aligned, clean, text};
use serde_json::Value;

const HEADS: [&str; 6] = ["INSTANCE", "KEY", "KIND", "CLASS", "AGE", "PUBLIC KEY (HEX)"];

pub fn keys(keys: &Value) -> String {
    let keys = keys.as_array().map(Vec::as_slice).unwrap_or_default();
    if keys.is_empty() {
        return "no keys\n".into();
    }
    let row = |key: &Value| {
        [
            text(&key["instance"]),
            clean(&text(&key["name"])),
            text(&key["kind"]),
            text(&key["class"]),
            key["made_unix_ms"].as_u64().map_or("-".into(), ago),
            text(&key["public_hex"]),
        ]
    };
    let mut rows = vec![HEADS.map(String::from)];
    rows.extend(keys.iter().map(row));
    aligned(&rows)
}
