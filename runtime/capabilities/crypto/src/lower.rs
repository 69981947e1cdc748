//! The ports' words in those of the WIT, and back.
use crate::wit;
use ports::keys::{Class, Key, Kind};
use primitives::Digest;

impl From<wit::Kind> for Kind {
    fn from(kind: wit::Kind) -> Self {
        match kind {
            wit::Kind::Ed25519 => Self::Ed25519,
            wit::Kind::HmacSha256 => Self::HmacSha256,
            wit::Kind::HmacSha512 => Self::HmacSha512,
        }
    }
}

impl From<wit::Digest> for Digest {
    fn from(digest: wit::Digest) -> Self {
        match digest {
            wit::Digest::Sha256 => Self::Sha256,
            wit::Digest::Sha384 => Self::Sha384,
            wit::Digest::Sha512 => Self::Sha512,
        }
    }
}

impl From<wit::Class> for Class {
    fn from(class: wit::Class) -> Self {
        match class {
            wit::Class::Identity => Self::Identity,
            wit::Class::Session => Self::Session,
        }
    }
}

impl From<Key> for wit::Key {
    fn from(key: Key) -> Self {
        let Key { name, kind, class, public, .. } = key;
        Self {
            name,
            kind: match kind {
                Kind::Ed25519 => wit::Kind::Ed25519,
                Kind::HmacSha256 => wit::Kind::HmacSha256,
                Kind::HmacSha512 => wit::Kind::HmacSha512,
            },
            class: match class {
                Class::Identity => wit::Class::Identity,
                Class::Session => wit::Class::Session,
            },
            public,
        }
    }
}
