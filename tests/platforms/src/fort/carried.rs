//! What a request carried: all values that may hold a secret, as they came and as a server would read them.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::Value;

use super::record::Request;

pub(super) struct Carried {
    /// A token, so that it may be anywhere.
    pub(super) name: String,
    pub(super) value: Vec<u8>,
}

pub(super) fn carried(request: &Request) -> Vec<Carried> {
    let mut all = vec![new("path", request.path())];
    if let Some(query) = request.query() {
        all.push(new("query", query));
        all.extend(decoded("query", query.as_bytes()));
    }
    for (name, value) in &request.headers {
        all.push(new(&format!("header-{name}"), value.as_str()));
        if let Some(hidden) = basic(name, value) {
            all.push(new("basic", hidden));
        }
    }
    if !request.body.is_empty() {
        all.push(new("body", request.body.clone()));
        all.extend(body(request));
    }
    all
}

fn new(name: &str, value: impl Into<Vec<u8>>) -> Carried {
    Carried { name: name.to_owned(), value: value.into() }
}

/// RFC 7617.
fn basic(name: &str, value: &str) -> Option<Vec<u8>> {
    let (scheme, hidden) = value.split_once(' ')?;
    let is_basic = name.eq_ignore_ascii_case("authorization") && scheme.eq_ignore_ascii_case("basic");
    is_basic.then(|| BASE64_STANDARD.decode(hidden.trim()).ok()).flatten()
}

fn body(request: &Request) -> Vec<Carried> {
    let mut all = Vec::new();
    match serde_json::from_slice(&request.body) {
        Ok(json) => strings(&json, &mut all),
        Err(_) if request.header("content-type") == Some("application/x-www-form-urlencoded") => {
            all.extend(decoded("body", &request.body));
        }
        Err(_) => {}
    }
    all
}

fn strings(json: &Value, into: &mut Vec<Carried>) {
    match json {
        Value::String(text) => into.push(new("body-text", text.as_str())),
        Value::Array(items) => items.iter().for_each(|item| strings(item, into)),
        Value::Object(keys) => keys.values().for_each(|value| strings(value, into)),
        _ => {}
    }
}

/// The values of `key=value&…`, percent-decoded.
fn decoded(what: &str, pairs: &[u8]) -> Vec<Carried> {
    let values = pairs.split(|&byte| byte == b'&').filter_map(|pair| {
        let equals = pair.iter().position(|&byte| byte == b'=')?;
        Some(&pair[equals + 1..])
    });
    values.map(|value| new(&format!("{what}-value"), percent_decoded(value))).collect()
}

fn percent_decoded(value: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    let mut rest = value;
    while let [first, more @ ..] = rest {
        let hex = more.get(..2).filter(|_| *first == b'%').and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                plain.push(byte);
                rest = &more[2..];
            }
            None => {
                plain.push(if *first == b'+' { b' ' } else { *first });
                rest = more;
            }
        }
    }
    plain
}
