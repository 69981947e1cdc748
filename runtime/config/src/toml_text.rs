//! TOML that we write: for lines to paste and for paths in reports.
use serde_json::Value;

/// `parent.key`, the key quoted where TOML asks for it.
pub(crate) fn path(parent: &str, name: &str) -> String {
    match parent {
        "" => key(name),
        _ => format!("{parent}.{}", key(name)),
    }
}

pub(crate) fn key(name: &str) -> String {
    let bare = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    match !name.is_empty() && name.bytes().all(bare) {
        true => name.into(),
        false => string(name),
    }
}

/// A basic string. Whatever could move a cursor or turn a line around is escaped.
pub(crate) fn string(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() || is_layout(c) => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Bidirectional controls and separators, all below U+10000.
fn is_layout(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// `None` for what holds a null: TOML has none.
pub(crate) fn value(json: &Value) -> Option<String> {
    Some(match json {
        Value::Null => return None,
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => string(text),
        Value::Array(items) => {
            let items: Option<Vec<_>> = items.iter().map(value).collect();
            format!("[{}]", items?.join(", "))
        }
        Value::Object(fields) if fields.is_empty() => "{}".into(),
        Value::Object(fields) => {
            let field = |(name, json): (&String, &Value)| Some(format!("{} = {}", key(name), value(json)?));
            let fields: Option<Vec<_>> = fields.iter().map(field).collect();
            format!("{{ {} }}", fields?.join(", "))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_we_write_is_read_back_as_it_was() {
        let json = json!({"a b": ["x\"\\\n\u{1b}\u{202e}é", 1, 1.5, true], "c": {"d": {}}});
        let text = format!("v = {}", value(&json).unwrap());
        let table: toml::Table = text.parse().unwrap();
        assert_eq!(serde_json::to_value(&table["v"]).unwrap(), json);
        assert!(!text.contains(['\u{1b}', '\u{202e}', '\n']));
        assert_eq!(value(&json!([null])), None);
    }
}
