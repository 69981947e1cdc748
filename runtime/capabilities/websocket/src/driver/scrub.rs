//! What of a message the guest gets to see: secrets that arrive are kept, those that come back are cut out. A platform
//! that echoes the login would otherwise hand the guest the token.
use super::event::Frame;
use bytes::Bytes;
use ports::json_text;
use ports::reach::CheckedUrl;
use ports::secret::{Arrival, REDACTED, Vault};
use serde_json::Value;
use std::borrow::Cow;

/// The message as the guest may see it, and whether a secret came back in it. What arrives does so at a socket of this
/// URL.
pub(super) fn text(vault: &Vault, text: &str, arriving: Option<&CheckedUrl>) -> (Frame, bool) {
    let arrived = match arriving {
        Some(url) => match json_text::read(text) {
            Some(json) => arrived(vault, text, json, url),
            // Others may read it all the same, and find in it what we could not take out.
            None if text.trim_start().starts_with(['{', '[']) => Some(REDACTED.to_owned()),
            None => None,
        },
        None => None,
    };
    match vault.redact(arrived.as_deref().unwrap_or(text)) {
        Cow::Borrowed(clean) => (Frame::Text(clean.into()), false),
        Cow::Owned(clean) => (Frame::Text(clean.into()), true),
    }
}

pub(super) fn binary(vault: &Vault, bytes: Bytes) -> (Frame, bool) {
    match vault.redact_bytes(&bytes) {
        Cow::Borrowed(_) => (Frame::Binary(bytes), false),
        Cow::Owned(clean) => (Frame::Binary(clean.into()), true),
    }
}

/// The message anew, if a secret was taken out or a key stands in it twice: so there is nothing in it but what was read.
fn arrived(vault: &Vault, text: &str, mut json: Value, url: &CheckedUrl) -> Option<String> {
    let repeats = json_text::has_repeated_keys(text.as_bytes(), &json);
    let taken = vault.capture(Arrival { method: None, url, headers: &mut [], json: Some(&mut json) });
    (taken.json > 0 || repeats).then(|| json.to_string())
}
