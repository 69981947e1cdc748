//! What a test tells the fake host of keys, and asks it.

use super::FakeHost;
use crate::crypto::{Class, Error, Key, Kind};

impl FakeHost {
    /// A key that an earlier instance made: of the 32 bytes of an Ed25519 seed, or the 32 or 64 of an HMAC key.
    ///
    /// # Panics
    /// When the contract does not allow this name or length.
    pub fn hold_key(&self, name: &str, kind: Kind, class: Class, bytes: &[u8]) -> &Self {
        let held = self.0.ring.borrow_mut().hold(name, kind, class, bytes);
        held.expect("the contract does not allow this");
        self
    }

    /// What is in the key ring under this name.
    pub fn held_key(&self, name: &str) -> Option<Key> {
        self.0.ring.borrow().find(name).ok().map(|held| held.key(name))
    }

    /// The process ended since, as far as keys go: those of class `Session` are gone.
    pub fn lose_session_keys(&self) -> &Self {
        self.0.ring.borrow_mut().lose_sessions();
        self
    }

    /// The next call that needs a key or a secret (all but `random`, `hash` and `verify`) fails so.
    pub fn fail_crypto(&self, error: Error) -> &Self {
        self.0.cryptos.borrow_mut().push_back(error);
        self
    }

    pub(super) fn crypto_works(&self) -> Result<(), Error> {
        self.0.cryptos.borrow_mut().pop_front().map_or(Ok(()), Err)
    }
}
