//! The key ring: keys that a guest names and never sees. Whoever stands behind it (a folder, later a service) does the
//! arithmetic too, so that no key leaves it.
use crate::identity::InstanceId;
use crate::secret::Secret;
use futures::future::BoxFuture;
use std::collections::BTreeMap;
use zeroize::Zeroizing;

/// What a key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Signs (RFC 8032); 64 bytes, deterministic.
    Ed25519,
    /// Authenticates (RFC 2104) with 32 random bytes as the key.
    HmacSha256,
    /// The same with 64 random bytes.
    HmacSha512,
}

/// How long a key lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Class {
    /// On disk, encrypted.
    Identity,
    /// In the host's memory: outlives the guest, not the process.
    Session,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// 1 to 64 bytes; chosen by the guest.
    pub name: String,
    pub kind: Kind,
    pub class: Class,
    /// Ed25519: 32 bytes. None where there is nothing to publish.
    pub public: Option<Vec<u8>>,
    pub made_ms: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    #[error("no key has the name {0:?}")]
    Unknown(String),
    /// There is one of this name already, of another kind or class.
    #[error("key {name:?} is {kind:?} of class {class:?}")]
    Taken { name: String, kind: Kind, class: Class },
    #[error("key {name:?} cannot do this: it is {kind:?}")]
    Unfit { name: String, kind: Kind },
    #[error("a key's name has 1 to {MAX_NAME_BYTES} bytes without control characters")]
    BadName,
    #[error("all {most} keys of the instance are in use")]
    Full { most: usize },
    /// The disk failed, or what is on it cannot be opened: damaged, or sealed under another operator's key.
    #[error("the key ring cannot be used: {0}")]
    Unavailable(String),
}

/// Longest name of a key, in bytes.
pub const MAX_NAME_BYTES: usize = 64;

/// What a ring answers: right away in most cases.
pub type Answer<T> = BoxFuture<'static, Result<T, KeyError>>;

/// The keys of all instances, and the secrets that arrived for them. Each instance sees its own.
pub trait KeyRing: Send + Sync + 'static {
    /// The key of this name; made where there is none, and on disk (class identity) before the answer. `most` bounds
    /// the keys of the instance.
    ///
    /// # Errors
    /// `Taken`, `BadName`, `Full`, `Unavailable`.
    fn ensure(&self, owner: &InstanceId, name: &str, kind: Kind, class: Class, most: usize) -> Answer<Key>;

    /// All keys of the instance by name.
    ///
    /// # Errors
    /// `Unavailable`.
    fn keys(&self, owner: &InstanceId) -> Answer<Vec<Key>>;

    /// Whether there was one. For good: an identity that is forgotten cannot come back.
    ///
    /// # Errors
    /// `Unavailable`.
    fn forget(&self, owner: &InstanceId, name: &str) -> Answer<bool>;

    /// A signature of 64 bytes (Ed25519) or a tag of 32 or 64 (HMAC).
    ///
    /// # Errors
    /// `Unknown`, `Unavailable`.
    fn sign(&self, owner: &InstanceId, name: &str, text: Zeroizing<Vec<u8>>) -> Answer<Vec<u8>>;

    /// Whether this is the tag, in time that does not depend on where it differs.
    ///
    /// # Errors
    /// `Unknown`, `Unfit` (no HMAC key), `Unavailable`.
    fn verify(&self, owner: &InstanceId, name: &str, text: Zeroizing<Vec<u8>>, tag: Vec<u8>) -> Answer<bool>;

    /// Secrets that arrived, by name. One that cannot be opened is left out, and told to the operator.
    ///
    /// # Errors
    /// `Unavailable`: not even their names can be read.
    fn arrived(&self, owner: &InstanceId) -> Answer<BTreeMap<String, Secret>>;

    /// On disk, encrypted, when this is answered. Replaces the former value. Calls for one name take effect in their
    /// order.
    ///
    /// # Errors
    /// `Unavailable`.
    fn keep(&self, owner: &InstanceId, name: &str, value: Secret) -> Answer<()>;
}
