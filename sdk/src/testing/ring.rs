//! The fake host's keys.

use super::sums::{self, exactly};
use crate::crypto::{Class, Digest, Error, Key, Kind};
use ed25519_dalek::{Signer, SigningKey};
use std::collections::BTreeMap;

/// As the contract says (`wit/crypto.wit`); the operator's `keys` as it is by default.
const NAME_BYTES: usize = 64;
const KEYS: usize = 64;

#[derive(Default)]
pub(super) struct Ring {
    keys: BTreeMap<String, Held>,
    /// How often a key of this name was destroyed: the next one has to be another.
    destroyed: BTreeMap<String, u32>,
}

/// A key with its bytes.
pub(super) struct Held {
    class: Class,
    bytes: Bytes,
}

enum Bytes {
    Ed25519(Box<SigningKey>),
    HmacSha256([u8; 32]),
    HmacSha512([u8; 64]),
}

impl Ring {
    pub(super) fn ensure(&mut self, name: &str, kind: Kind, class: Class) -> Result<Key, Error> {
        checked(name)?;
        if let Some(held) = self.keys.get(name) {
            let same = (held.kind(), held.class) == (kind, class);
            return if same { Ok(held.key(name)) } else { Err(Error::Taken) };
        }
        if self.keys.len() >= KEYS {
            return Err(Error::Quota);
        }
        let destroyed = self.destroyed.get(name).copied().unwrap_or(0);
        let seed = sums::hash(Digest::Sha512, format!("key {destroyed} {kind:?} {name}").as_bytes());
        let length = if kind == Kind::HmacSha512 { 64 } else { 32 };
        self.hold(name, kind, class, &seed[..length])
    }

    /// A key with these bytes, in place of what there was.
    pub(super) fn hold(&mut self, name: &str, kind: Kind, class: Class, bytes: &[u8]) -> Result<Key, Error> {
        checked(name)?;
        let bytes = match kind {
            Kind::Ed25519 => Bytes::Ed25519(Box::new(SigningKey::from_bytes(exactly("bytes", bytes)?))),
            Kind::HmacSha256 => Bytes::HmacSha256(*exactly("bytes", bytes)?),
            Kind::HmacSha512 => Bytes::HmacSha512(*exactly("bytes", bytes)?),
        };
        let held = Held { class, bytes };
        let key = held.key(name);
        self.keys.insert(name.to_owned(), held);
        Ok(key)
    }

    pub(super) fn all(&self) -> Vec<Key> {
        self.keys.iter().map(|(name, held)| held.key(name)).collect()
    }

    pub(super) fn find(&self, name: &str) -> Result<&Held, Error> {
        self.keys.get(name).ok_or(Error::UnknownKey)
    }

    pub(super) fn forget(&mut self, name: &str) -> bool {
        let was = self.keys.remove(name).is_some();
        if was {
            *self.destroyed.entry(name.to_owned()).or_default() += 1;
        }
        was
    }

    /// As when the process ends.
    pub(super) fn lose_sessions(&mut self) {
        for key in self.all().iter().filter(|key| key.class == Class::Session) {
            self.forget(&key.name);
        }
    }
}

impl Held {
    pub(super) fn key(&self, name: &str) -> Key {
        let public = match &self.bytes {
            Bytes::Ed25519(key) => Some(key.verifying_key().as_bytes().to_vec()),
            Bytes::HmacSha256(_) | Bytes::HmacSha512(_) => None,
        };
        Key { name: name.to_owned(), kind: self.kind(), class: self.class, public }
    }

    pub(super) fn sign(&self, text: &[u8]) -> Vec<u8> {
        match &self.bytes {
            Bytes::Ed25519(key) => key.sign(text).to_bytes().to_vec(),
            Bytes::HmacSha256(key) => sums::tag(Digest::Sha256, key, text),
            Bytes::HmacSha512(key) => sums::tag(Digest::Sha512, key, text),
        }
    }

    pub(super) fn is_hmac(&self) -> Result<(), Error> {
        match self.kind() {
            Kind::Ed25519 => Err(Error::Invalid("key: it is no HMAC key".into())),
            Kind::HmacSha256 | Kind::HmacSha512 => Ok(()),
        }
    }

    fn kind(&self) -> Kind {
        match self.bytes {
            Bytes::Ed25519(_) => Kind::Ed25519,
            Bytes::HmacSha256(_) => Kind::HmacSha256,
            Bytes::HmacSha512(_) => Kind::HmacSha512,
        }
    }
}

fn checked(name: &str) -> Result<(), Error> {
    if !(1..=NAME_BYTES).contains(&name.len()) || name.chars().any(char::is_control) {
        return Err(Error::Invalid(format!("name: 1 to {NAME_BYTES} bytes without control characters")));
    }
    Ok(())
}
