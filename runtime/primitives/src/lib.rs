//! Cryptography that needs no key of a ring, for the ring and for the rooms: RustCrypto's crates behind plain functions.
mod digest;
mod ed25519;
#[cfg(test)]
mod sha2_tests;

pub use digest::{Digest, hash, hmac, hmac_verify, random};
pub use ed25519::{WrongLength, ed25519_verify};
