//! No line of standard error is longer than a bound. The writers keep theirs short; this is the wall behind them.
use serde_json::{Map, Value};

/// Longest line: the longest that a guest may log is some 20 KiB, unless all of it is escaped.
pub const LINE_BYTES: usize = 32 << 10;

/// What is longer is not even looked into.
const READ_BYTES: usize = 4 << 20;

/// What is left of a text in a line that was too long.
const PART_BYTES: usize = 1 << 10;

/// `None`: it is not to be saved.
pub fn json(line: &[u8]) -> Option<Vec<u8>> {
    if line.len() > READ_BYTES {
        return None;
    }
    let Ok(Value::Object(mut fields)) = serde_json::from_slice(line) else { return None };
    fields.values_mut().for_each(shorten);
    written(&fields).or_else(|| {
        fields.retain(|name, _| ["timestamp", "level", "connector", "message"].contains(&name.as_str()));
        written(&fields)
    })
}

/// Colours may be open at the cut.
pub fn plain(line: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(&line[..line.len().min(LINE_BYTES - 16)]);
    let text = text.trim_end_matches(char::REPLACEMENT_CHARACTER);
    format!("{text}…\x1b[0m\n").into_bytes()
}

fn written(fields: &Map<String, Value>) -> Option<Vec<u8>> {
    let mut line = serde_json::to_vec(fields).ok()?;
    line.push(b'\n');
    (line.len() <= LINE_BYTES).then_some(line)
}

fn shorten(value: &mut Value) {
    match value {
        Value::String(text) if text.len() > PART_BYTES => {
            text.truncate(text.floor_char_boundary(PART_BYTES));
            text.push('…');
        }
        Value::Array(values) => values.iter_mut().for_each(shorten),
        Value::Object(fields) => fields.values_mut().for_each(shorten),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_line_that_is_too_long_stays_json() {
        let long =
            json!({ "level": "INFO", "message": "ä".repeat(50_000), "connector": "t/c/a", "count": 7 });
        let cut = json(long.to_string().as_bytes()).unwrap();
        let cut: Value = serde_json::from_slice(&cut).unwrap();
        assert_eq!((&cut["connector"], &cut["count"]), (&json!("t/c/a"), &json!(7)));
        assert_eq!(cut["message"], format!("{}…", "ä".repeat(512)));
    }

    #[test]
    fn too_many_fields_leave_the_first_ones() {
        let mut many: Map<String, Value> =
            (0..200).map(|field| (format!("f{field}"), json!("\u{1}".repeat(1000)))).collect();
        many.insert("message".into(), json!("\u{1}".repeat(5000)));
        let cut = json(&serde_json::to_vec(&many).unwrap()).unwrap();
        assert!(cut.len() <= LINE_BYTES && cut.ends_with(b"\n"));
        assert_eq!(serde_json::from_slice::<Map<String, Value>>(&cut).unwrap().len(), 1);
    }

    #[test]
    fn a_cut_line_of_a_terminal_ends_whole() {
        for begin in ["", "a", "aa"] {
            let cut = plain(format!("{begin}{}", "ä".repeat(40_000)).as_bytes());
            assert!(cut.len() <= LINE_BYTES);
            assert!(String::from_utf8(cut).unwrap().ends_with("ä…\x1b[0m\n"));
        }
    }
}
