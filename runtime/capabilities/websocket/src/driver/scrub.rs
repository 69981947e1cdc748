//! Secrets out of what comes back. A platform that echoes the login would otherwise hand the guest the token.
use super::event::Frame;
use bytes::Bytes;
use ports::secret::Vault;

/// What the guest may see of a text message, and whether a secret was in it.
pub(super) fn text(vault: &Vault, text: &str) -> (Frame, bool) {
    let clean = vault.redact(text);
    let found = clean != text;
    (Frame::Text(clean.into()), found)
}

/// The same for bytes: a secret is UTF-8, so it lies whole in one of the parts that are.
pub(super) fn binary(vault: &Vault, bytes: &[u8]) -> (Frame, bool) {
    let mut clean = Vec::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        clean.extend_from_slice(vault.redact(chunk.valid()).as_bytes());
        clean.extend_from_slice(chunk.invalid());
    }
    let found = clean != bytes;
    (Frame::Binary(Bytes::from(clean)), found)
}
