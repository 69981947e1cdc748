//! The words of a line that says what a connector asks for or is given. Its parts come from strangers: each is one
//! word or one JSON text, all in visible ASCII, so that no part can look like more than itself.
use ports::json_test::JsonTest;
use ports::secret::At;
use serde_json::Value;

/// As it is where it is one plain word, otherwise in quotes.
pub(crate) fn word(text: &str) -> String {
    match is_word(text) {
        true => text.into(),
        false => quoted(text),
    }
}

/// A rule, expanded or not, as the lines of a [`Request`](crate::Request) have it: `[METHODS ]URL` where it has that
/// shape, otherwise in quotes; all in visible ASCII.
pub fn rule(text: &str) -> String {
    let (methods, url) = text.split_once(' ').unwrap_or(("GET", text));
    let is_method = |b: u8| b.is_ascii_uppercase() || b == b',';
    // NB: nothing that could be read as the word behind it, such as `when`.
    let is_url = is_word(url) && (url.starts_with('{') || url.contains("://"));
    match is_url && !methods.is_empty() && methods.bytes().all(is_method) {
        true => text.into(),
        false => quoted(text),
    }
}

pub(crate) fn at(at: &At) -> String {
    match at {
        At::Header(name) => format!("header {}", word(name)),
        At::Query(key) => format!("query key {}", word(key)),
        At::Json(pointer) => format!("JSON pointer {}", word(pointer)),
    }
}

/// With its leading space; empty where there are no tests. All must hold, so their order means nothing.
pub(crate) fn when(tests: &[JsonTest]) -> String {
    let one = |test: &JsonTest| format!("{} is {}", word(&test.pointer), json(&test.equals));
    let mut tests: Vec<String> = tests.iter().map(one).collect();
    tests.sort();
    tests.dedup();
    match tests.is_empty() {
        true => String::new(),
        false => format!(" when {}", tests.join(" and ")),
    }
}

/// The same text for the same value, whatever order its fields came in.
pub(crate) fn json(value: &Value) -> String {
    let list = |items: Vec<String>| items.join(",");
    match value {
        Value::String(text) => quoted(text),
        Value::Array(items) => format!("[{}]", list(items.iter().map(json).collect())),
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_by_key(|(name, _)| *name);
            let field = |(name, value): (&String, &Value)| format!("{}:{}", quoted(name), json(value));
            format!("{{{}}}", list(fields.into_iter().map(field).collect()))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

/// A JSON string; letters that only look like ASCII are escaped too.
pub(crate) fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            ' '..='~' => out.push(c),
            c => c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| out += &format!("\\u{unit:04x}")),
        }
    }
    out.push('"');
    out
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic() && b != b'"' && b != b'\\')
}
