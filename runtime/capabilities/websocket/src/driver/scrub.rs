//! What of a message the guest gets to see: secrets that arrive are kept, those that come back are cut out. A platform
//! that echoes the login would otherwise hand the guest the token.
use super::event::Frame;
use bytes::Bytes;
use ports::reach::CheckedUrl;
use ports::secret::{Arrival, REDACTED, Vault};
use serde_json::Value;
use std::borrow::Cow;

/// The message as the guest may see it, and whether a secret came back in it. What arrives does so at a socket of this
/// URL.
pub(super) fn text(vault: &Vault, text: &str, arriving: Option<&CheckedUrl>) -> (Frame, bool) {
    let arrived = match arriving {
        Some(url) => match serde_json::from_str(text) {
            Ok(json) => arrived(vault, json, url),
            // Others may read it all the same, and find in it what we could not take out.
            Err(_) if text.trim_start().starts_with(['{', '[']) => Some(REDACTED.to_owned()),
            Err(_) => None,
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

/// The message anew, if a secret was taken out: so no second key of the same name is left in it.
fn arrived(vault: &Vault, mut json: Value, url: &CheckedUrl) -> Option<String> {
    let taken = vault.capture(Arrival { method: None, url, headers: &mut [], json: Some(&mut json) });
    (taken.json > 0).then(|| json.to_string())
}
