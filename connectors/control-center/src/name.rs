//! The last part of a key in the store and among what is published.

use sdk::crypto::{self, Digest};

/// What a published key may have is 256 bytes; this leaves room for what stands before.
const BYTES: usize = 224;

/// The id itself, or for one that is too long or not printable `~` and 32 digits of its SHA-256.
pub(crate) fn of(id: &str) -> String {
    let plain = (1..=BYTES).contains(&id.len()) && !id.chars().any(char::is_control) && !id.starts_with('~');
    if plain {
        return id.to_owned();
    }
    let hash = crypto::hash(Digest::Sha256, id.as_bytes());
    let digits: String = hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("~{digits}")
}
