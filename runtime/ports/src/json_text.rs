//! Text that others take for JSON: read as they read it, so that what they would find in it can be taken out.
use serde_json::Value;

/// As serde reads it; where that fails, with lone surrogates (`\ud83d` by itself, which JavaScript writes when it cuts a text
/// through an emoji) as replacement characters.
pub fn read(text: &str) -> Option<Value> {
    serde_json::from_str(text).or_else(|_| serde_json::from_str(&without_lone_surrogates(text))).ok()
}

/// Whether a key stands twice in an object. `json` is what serde made of the text: it has the last.
pub fn has_repeated_keys(text: &[u8], json: &Value) -> bool {
    members_in_text(text) != members(json)
}

fn members(json: &Value) -> usize {
    match json {
        Value::Object(map) => map.len() + map.values().map(members).sum::<usize>(),
        Value::Array(list) => list.iter().map(members).sum(),
        _ => 0,
    }
}

/// In valid JSON every member has exactly one colon outside a string.
fn members_in_text(json: &[u8]) -> usize {
    let (mut colons, mut in_string, mut escaped) = (0, false, false);
    for byte in json {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = in_string,
            b'"' => in_string = !in_string,
            b':' if !in_string => colons += 1,
            _ => {}
        }
    }
    colons
}

fn without_lone_surrogates(text: &str) -> String {
    let unit = |at: usize| {
        let digits = text.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok()
    };
    let (mut out, mut copied, mut at) = (String::with_capacity(text.len()), 0, 0);
    while let Some(found) = text[at..].find('\\') {
        at += found;
        match (unit(at), unit(at + 6)) {
            (Some(0xd800..0xdc00), Some(0xdc00..0xe000)) => at += 12,
            (Some(0xd800..0xe000), _) => {
                out.push_str(&text[copied..at]);
                out.push_str("\\ufffd");
                at += 6;
                copied = at;
            }
            (Some(_), _) => at += 6,
            // The character behind a backslash may be one too.
            (None, _) => at += 1 + text[at + 1..].chars().next().map_or(0, char::len_utf8),
        }
    }
    out + &text[copied..]
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn lone_surrogates_are_read_and_pairs_stay() {
        for (text, expected) in [
            (r#"{"a":"cut \ud83d"}"#, "cut \u{fffd}"),
            (r#"{"a":"\ude00\ud83d\ude00\ud83dx"}"#, "\u{fffd}😀\u{fffd}x"),
            (r#"{"a":"\\ud83d \" é\\"}"#, "\\ud83d \" é\\"),
            (r#"{"a":"\ud83d\\é"}"#, "\u{fffd}\\é"),
        ] {
            assert_eq!(read(text), Some(json!({ "a": expected })), "{text}");
        }
        for bad in ["", "{", "{'a':1}", "{\"a\":\"\\", "{\"a\":\"\\u", "{\"a\":\"\\ud8"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_key_that_is_there_twice_is_seen_at_any_depth() {
        let repeated = |text: &str| has_repeated_keys(text.as_bytes(), &read(text).unwrap());
        for fine in [r#"{"a":{"b":":\"{"},"c":[{"b":1},{"b":2}]}"#, "[1,2]", r#""a:b""#, r#"{"a\\":1,"a":2}"#]
        {
            assert!(!repeated(fine), "{fine}");
        }
        for bad in [r#"{"a":1,"a":2}"#, r#"[{"x":{"a":1,"\u0061":2}}]"#] {
            assert!(repeated(bad), "{bad}");
        }
    }
}
