//! Secrets that arrive: what the fake host takes out of an answer or frame, as the real one does.

mod rule;
mod template;

use crate::{Descriptor, JsonTest, Place};
use rule::Rule;
use serde_json::Value;
use std::mem;

/// What stands where a secret arrived.
const CAPTURED: &str = "[captured]";
/// Longest value that is kept.
const VALUE_BYTES: usize = 64 << 10;

/// Where one secret arrives.
pub(super) struct Capture {
    secret: String,
    rule: Rule,
    at: Place,
    when: Vec<JsonTest>,
}

/// An answer, or a text frame.
pub(super) struct Arrival<'a> {
    /// None for a WebSocket.
    pub(super) method: Option<&'a str>,
    pub(super) url: &'a str,
    pub(super) headers: &'a mut [(String, Vec<u8>)],
    /// The body or frame, where it is JSON.
    pub(super) json: Option<&'a mut Value>,
}

#[derive(Default)]
pub(super) struct Taken {
    /// Names and values, in the order of the descriptor.
    pub(super) secrets: Vec<(String, String)>,
    /// Whether the JSON was changed.
    pub(super) json: bool,
}

/// All captures of the descriptor, granted for this configuration.
///
/// # Panics
/// When the real host would refuse the descriptor for one of them.
pub(super) fn captures(descriptor: &Descriptor, config: &Value) -> Vec<Capture> {
    let asked = descriptor.secrets.iter().flat_map(|it| it.captures.iter().map(move |one| (&it.name, one)));
    let granted = asked.filter_map(|(secret, asked)| {
        let (rule, at) = (&asked.rule, asked.at.clone());
        assert!(!matches!(at, Place::Query(_)), "secret {secret}: nothing arrives in a query key");
        let rule = template::expand(rule, &descriptor.config_schema, config)
            .unwrap_or_else(|why| panic!("secret {secret} asks for {rule:?}: {why}"))?;
        Some(Capture { secret: secret.clone(), rule, at, when: asked.when.clone() })
    });
    granted.collect()
}

/// Takes what arrives and writes `[captured]` in its place. Text of 1 byte to 64 KiB is kept; whatever else stands there is
/// withheld and forgotten, but for a JSON null: that is nothing.
pub(super) fn take(captures: &[Capture], arrival: Arrival<'_>) -> Taken {
    let Arrival { method, url, headers, mut json } = arrival;
    let holds = |capture: &&Capture| {
        let passes = |test: &JsonTest| {
            json.as_deref().and_then(|json| json.pointer(&test.pointer)) == Some(&test.equals)
        };
        capture.rule.fits(method, url) && capture.when.iter().all(passes)
    };
    // NB: all tests before anything is taken: the test of one capture may read what another takes.
    let wanted: Vec<&Capture> = captures.iter().filter(holds).collect();
    let mut taken = Taken::default();
    let mut keep = |capture: &Capture, value: String| {
        // Two secrets at one place: the second finds what the first left.
        if value != CAPTURED && (1..=VALUE_BYTES).contains(&value.len()) {
            taken.secrets.push((capture.secret.clone(), value));
        }
    };
    for capture in wanted {
        match &capture.at {
            Place::Header(name) => {
                for (_, value) in headers.iter_mut().filter(|(header, _)| header.eq_ignore_ascii_case(name)) {
                    let value = mem::replace(value, CAPTURED.into());
                    String::from_utf8(value).into_iter().for_each(|value| keep(capture, value));
                }
            }
            Place::Json(pointer) => {
                let place = json.as_deref_mut().and_then(|json| json.pointer_mut(pointer));
                let Some(place) = place.filter(|place| !place.is_null()) else { continue };
                taken.json = true;
                if let Value::String(value) = mem::replace(place, CAPTURED.into()) {
                    keep(capture, value);
                }
            }
            Place::Query(_) => {}
        }
    }
    taken
}

#[cfg(test)]
mod tests;
