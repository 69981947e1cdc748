//! Keys that the host keeps, and what goes with them: the connector names a key, its bytes never cross.
//!
//! Use it when a platform wants signed requests or handshakes. A secret of the operator can be in what is signed, or be
//! the key of an HMAC, and still no connector sees its value. Not for a secret that goes out as it is: that is a
//! [`Fill`](crate::Fill). Encoding the answers (hex, base64) is the connector's business.
//!
//! ```no_run
//! # async fn example() -> Result<(), sdk::crypto::Error> {
//! use sdk::crypto::{self, Class, Kind, Part};
//!
//! // In `start`: the same call gives the same key again.
//! let device = crypto::ensure("device", Kind::Ed25519, Class::Identity).await?;
//!
//! // The secret's request says `.signs("device")`.
//! let nonce = crypto::random_array::<16>()?;
//! let parts = ["v2|connect|".into(), Part::secret("deviceToken"), "|".into(), nonce.into()];
//! let signature = crypto::sign("device", parts).await?;
//! # Ok(()) }
//! ```

mod part;

pub use part::Part;

use crate::calls;

/// What a key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Signs (RFC 8032): 64 bytes, the same text gives the same signature. Its public key has 32 bytes.
    Ed25519,
    /// Authenticates (HMAC, RFC 2104) with 32 random bytes as the key: a tag of 32 bytes.
    HmacSha256,
    /// The same with 64 bytes: a tag of 64.
    HmacSha512,
}

/// How long a key lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// On the host's disk, encrypted under the operator's key: outlives the process.
    Identity,
    /// In the host's memory: outlives the instance, not the process.
    Session,
}

/// What a connector may know of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    pub name: String,
    pub kind: Kind,
    pub class: Class,
    /// None for HMAC keys.
    pub public: Option<Vec<u8>>,
}

/// A hash function of the SHA-2 family: 32, 48 or 64 bytes come out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Digest {
    Sha256,
    Sha384,
    Sha512,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No key of this instance has this name: [`ensure`] makes it.
    #[error("no key has this name")]
    UnknownKey,
    /// There is a key of this name, of another kind or class: take another name, or forget that one.
    #[error("a key of another kind or class has this name")]
    Taken,
    /// The secret may not be used like this. Names what to grant.
    #[error("not granted: {0}")]
    Denied(String),
    /// The argument named is wrong: how.
    #[error("invalid {0}")]
    Invalid(String),
    /// All keys of the instance are in use (the operator's `keys`, 64 by default): forget one.
    #[error("all keys are in use")]
    Quota,
    /// The key ring's disk failed, or the handler is out of time. Later it may do.
    #[error("unavailable: {0}")]
    Unavailable(String),
}

/// Bytes of the host's cryptographic random generator. Range 1 to 65,536.
///
/// # Errors
/// `Invalid`.
pub fn random(bytes: u32) -> Result<Vec<u8>, Error> {
    calls::crypto_random(bytes)
}

/// As [`random`], for a nonce of fixed length. A length out of range does not compile.
///
/// # Errors
/// Those of [`random`].
pub fn random_array<const N: usize>() -> Result<[u8; N], Error> {
    const { assert!(1 <= N && N <= 65_536, "1 to 65,536 random bytes") }
    Ok(random(N as u32)?.try_into().expect("the host answers as many bytes as were asked for"))
}

/// SHA-2 (FIPS 180-4) of public data, which may be empty.
pub fn hash(algorithm: Digest, data: &[u8]) -> Vec<u8> {
    calls::crypto_hash(algorithm, data)
}

/// The key of this name (1 to 64 bytes without control characters), made where there is none.
///
/// An identity is on disk before the answer. Call it in `start`: the same call gives the same key again.
///
/// # Errors
/// `Taken`, `Invalid`, `Quota`, `Unavailable`.
pub async fn ensure(name: &str, kind: Kind, class: Class) -> Result<Key, Error> {
    calls::crypto_ensure(name.to_owned(), kind, class).await
}

/// All keys of the instance, by name.
///
/// # Errors
/// `Unavailable`.
pub async fn keys() -> Result<Vec<Key>, Error> {
    calls::crypto_keys().await
}

/// Destroys a key, for good. False: there was none.
///
/// # Errors
/// `Unavailable`.
pub async fn forget(name: &str) -> Result<bool, Error> {
    calls::crypto_forget(name.to_owned()).await
}

/// The signature (Ed25519) or tag (HMAC) of the parts, put behind each other with nothing between.
///
/// At most 64 parts, 1,048,576 bytes together, the values of secrets included. A secret among them must be granted for
/// this key: ask with [`SecretRequest::signs`](crate::SecretRequest::signs).
///
/// # Errors
/// `UnknownKey`, `Denied`, `Invalid`, `Unavailable`.
pub async fn sign(key: &str, parts: impl IntoIterator<Item = impl Into<Part>>) -> Result<Vec<u8>, Error> {
    calls::crypto_sign(key.to_owned(), all(parts)).await
}

/// Whether this is the tag of the parts under this HMAC key. Compared in constant time. Limits as for [`sign`].
///
/// # Errors
/// Those of [`sign`]; `Invalid` for a key that is no HMAC key.
pub async fn verify_tag(
    key: &str,
    parts: impl IntoIterator<Item = impl Into<Part>>,
    tag: impl Into<Vec<u8>>,
) -> Result<bool, Error> {
    calls::crypto_verify_tag(key.to_owned(), all(parts), tag.into()).await
}

/// The tag (HMAC) of the parts under a secret of the operator as key, its value taken as UTF-8.
///
/// No part may be a secret. Limits as for [`sign`]. The grant must say that the secret authenticates: ask with
/// [`SecretRequest::authenticates`](crate::SecretRequest::authenticates).
///
/// # Errors
/// `Denied`, `Invalid`.
pub fn authenticate(
    secret: &str,
    algorithm: Digest,
    parts: impl IntoIterator<Item = impl Into<Part>>,
) -> Result<Vec<u8>, Error> {
    calls::crypto_authenticate(secret, algorithm, all(parts))
}

/// Whether an Ed25519 signature (64 bytes) of a message is by this public key (32 bytes).
///
/// Strict: a key or signature that is not canonical, or a key of small order, is refused.
///
/// # Errors
/// `Invalid` for a wrong length.
pub fn verify(public: &[u8], message: &[u8], signature: &[u8]) -> Result<bool, Error> {
    calls::crypto_verify(public, message, signature)
}

fn all(parts: impl IntoIterator<Item = impl Into<Part>>) -> Vec<Part> {
    parts.into_iter().map(Into::into).collect()
}
