//! What a connector asks for, as the operator approves it: one line for each thing.
use crate::asked::{Asked, CaptureAsk, PlaceAsk, SecretAsk};
use crate::template;
use crate::wording::{at, json, quoted, rule, when, word};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

/// The lines of what a connector asks for. Only what the connector controls and what gives it power: neither the
/// operator's configuration, so that it is the same for all accounts, nor reasons, labels, tools and the version.
///
/// No text of the connector can forge a line, or make one line look like another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    lines: BTreeSet<String>,
}

impl Request {
    pub fn of(asked: &Asked) -> Self {
        let mut lines: BTreeSet<String> = asked.capabilities.iter().map(|name| uses(name)).collect();
        lines.extend(asked.urls.iter().map(|url| reaches(&url.rule)));
        for secret in &asked.secrets {
            lines.extend(of_secret(secret));
        }
        // A new version that changes a default would reach what nobody approved.
        for key in templates(asked).flat_map(template::keys) {
            let default = asked.schema["properties"].get(key).and_then(|property| property.get("default"));
            lines.extend(default.map(|value| format!("by default {} is {}", word(key), json(value))));
        }
        Self { lines }
    }

    /// What was approved, out of a file of ours. `None` where a line cannot be one.
    pub(crate) fn stored(lines: BTreeSet<String>) -> Option<Self> {
        let is_line = |line: &String| line.bytes().all(|b| b == b' ' || b.is_ascii_graphic());
        lines.iter().all(is_line).then_some(Self { lines })
    }

    /// Sorted.
    pub fn lines(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().map(String::as_str)
    }

    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// `sha256:` and 64 hex digits, over the lines, each as JSON text and a newline.
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        self.lines.iter().for_each(|line| hash.update(quoted(line) + "\n"));
        let hex: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        format!("sha256:{hex}")
    }

    /// Lines that the other lacks.
    pub fn beyond(&self, approved: &Self) -> Vec<&str> {
        self.lines().filter(|line| !approved.lines.contains(*line)).collect()
    }
}

fn templates(asked: &Asked) -> impl Iterator<Item = &str> {
    let places = asked.secrets.iter().flat_map(|secret| &secret.places).map(|place| place.rule.as_str());
    let captures = asked.secrets.iter().flat_map(|secret| &secret.captures);
    let captures = captures.map(|capture| capture.rule.as_str());
    asked.urls.iter().map(|url| url.rule.as_str()).chain(places).chain(captures)
}

fn of_secret(secret: &SecretAsk) -> Vec<String> {
    let name = &secret.name;
    let mut lines: Vec<String> = secret.places.iter().map(|place| writes(name, place)).collect();
    lines.extend(secret.captures.iter().map(|capture| captures(name, capture)));
    lines.extend(secret.signs.iter().map(|key| signs(name, key)));
    lines.extend(secret.authenticates.then(|| authenticates(name)));
    lines
}

pub(crate) fn uses(capability: &str) -> String {
    format!("use {}", word(capability))
}

pub(crate) fn reaches(url: &str) -> String {
    format!("reach {}", rule(url))
}

pub(crate) fn writes(secret: &str, place: &PlaceAsk) -> String {
    let (name, at, rule) = (word(secret), at(&place.at), rule(&place.rule));
    format!("write {name} into {at} of {rule}{}", when(&place.when))
}

pub(crate) fn captures(secret: &str, capture: &CaptureAsk) -> String {
    let (name, at, rule) = (word(secret), at(&capture.at), rule(&capture.rule));
    format!("capture {name} from {at} of {rule}{}", when(&capture.when))
}

pub(crate) fn signs(secret: &str, key: &str) -> String {
    format!("sign text with {} by key {}", word(secret), quoted(key))
}

pub(crate) fn authenticates(secret: &str) -> String {
    format!("authenticate with {}", word(secret))
}
