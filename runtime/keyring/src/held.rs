//! A key in memory, and what is done with it.
use crate::record::Record;
use ed25519_dalek::{Signer, SigningKey};
use ports::keys::{Class, Key, KeyError, Kind};
use primitives::{Digest, hmac, hmac_verify};
use std::fmt;
use zeroize::Zeroizing;

/// Wiped when the last one who uses it is done.
pub struct Held {
    pub key: Key,
    material: Material,
}

enum Material {
    Ed25519(SigningKey),
    Hmac(Digest, Zeroizing<Vec<u8>>),
}

impl Held {
    /// `None`: the record is not a key's.
    pub fn of(name: &str, class: Class, record: &Record) -> Option<Self> {
        let kind = record.kind?;
        let material = match kind {
            Kind::Ed25519 => {
                Material::Ed25519(SigningKey::from_bytes(record.bytes.as_slice().try_into().ok()?))
            }
            Kind::HmacSha256 => Material::Hmac(Digest::Sha256, record.bytes.clone()),
            Kind::HmacSha512 => Material::Hmac(Digest::Sha512, record.bytes.clone()),
        };
        let public = match &material {
            Material::Ed25519(key) => Some(key.verifying_key().to_bytes().to_vec()),
            Material::Hmac(..) => None,
        };
        let key = Key { name: name.into(), kind, class, public, made_ms: record.made_ms };
        Some(Self { key, material })
    }

    /// Whether it is what was asked for.
    pub fn check(&self, kind: Kind, class: Class) -> Result<Key, KeyError> {
        match (self.key.kind, self.key.class) == (kind, class) {
            true => Ok(self.key.clone()),
            false => {
                let Key { name, kind, class, .. } = self.key.clone();
                Err(KeyError::Taken { name, kind, class })
            }
        }
    }

    pub fn sign(&self, text: &[u8]) -> Vec<u8> {
        match &self.material {
            Material::Ed25519(key) => key.sign(text).to_bytes().to_vec(),
            Material::Hmac(digest, key) => hmac(*digest, key, text),
        }
    }

    pub fn verify(&self, text: &[u8], tag: &[u8]) -> Result<bool, KeyError> {
        match &self.material {
            Material::Hmac(digest, key) => Ok(hmac_verify(*digest, key, text, tag)),
            Material::Ed25519(_) => Err(KeyError::Unfit { name: self.key.name.clone(), kind: self.key.kind }),
        }
    }
}

impl fmt::Debug for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Held({:?})", self.key.name)
    }
}
