//! Secrets: a value that has no way into a log or a guest, and the places where it may go.
//!
//! A guest names a secret and says where to put it ([`Fill`]); the operator's grant lists the places where each may
//! go ([`Place`]), under which keys text with it may be signed, and where one arrives ([`Capture`]). There is no other
//! way to a value than [`Vault::fill`] and [`Vault::part`], and what comes back is searched for it ([`Vault::redact`]).
mod forms;
mod history;
mod place;
mod redact;
mod vault;

pub use place::{At, Capture, Destination, Fill, Form, Place};
pub use vault::{Arrival, Entry, FillError, MAX_ARRIVED_BYTES, MAX_SECRET_BYTES, Taken, Vault};

use std::fmt;
use zeroize::Zeroizing;

/// What stands where a secret was.
pub const REDACTED: &str = "[redacted]";
/// What stands where a secret arrived that is kept.
pub const CAPTURED: &str = "[captured]";
/// A shorter value, or form of one, would be found by chance in ordinary text: it is not looked for.
pub const MIN_REDACTED_BYTES: usize = 6;

/// Text that must not be seen: no `Display`, a `Debug` without the value, wiped when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    pub fn new(value: String) -> Self {
        Self(Zeroizing::new(value))
    }

    /// For the one who writes it to the wire.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}
