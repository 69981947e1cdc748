use crate::crypto::{Class, Digest, Error, Key, Kind, Part};
use crate::guest::bindings::crypto::connector::runtime::crypto as wit;

impl From<Kind> for wit::Kind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Ed25519 => Self::Ed25519,
            Kind::HmacSha256 => Self::HmacSha256,
            Kind::HmacSha512 => Self::HmacSha512,
        }
    }
}

impl From<wit::Kind> for Kind {
    fn from(kind: wit::Kind) -> Self {
        match kind {
            wit::Kind::Ed25519 => Self::Ed25519,
            wit::Kind::HmacSha256 => Self::HmacSha256,
            wit::Kind::HmacSha512 => Self::HmacSha512,
        }
    }
}

impl From<Class> for wit::Class {
    fn from(class: Class) -> Self {
        match class {
            Class::Identity => Self::Identity,
            Class::Session => Self::Session,
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

impl From<wit::Key> for Key {
    fn from(key: wit::Key) -> Self {
        Self { name: key.name, kind: key.kind.into(), class: key.class.into(), public: key.public }
    }
}

impl From<Part> for wit::Part {
    fn from(part: Part) -> Self {
        match part {
            Part::Bytes(bytes) => Self::Bytes(bytes),
            Part::Text(text) => Self::Text(text),
            Part::Secret(name) => Self::Secret(name),
        }
    }
}

impl From<Digest> for wit::Digest {
    fn from(algorithm: Digest) -> Self {
        match algorithm {
            Digest::Sha256 => Self::Sha256,
            Digest::Sha384 => Self::Sha384,
            Digest::Sha512 => Self::Sha512,
        }
    }
}

impl From<wit::Error> for Error {
    fn from(error: wit::Error) -> Self {
        match error {
            wit::Error::UnknownKey => Self::UnknownKey,
            wit::Error::Taken => Self::Taken,
            wit::Error::Denied(what) => Self::Denied(what),
            wit::Error::Invalid(what) => Self::Invalid(what),
            wit::Error::Quota => Self::Quota,
            wit::Error::Unavailable(why) => Self::Unavailable(why),
        }
    }
}
