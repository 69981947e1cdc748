//! Hashes, HMAC and random bytes.
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest as _, Sha256, Sha384, Sha512};

/// One of SHA-2 (FIPS 180-4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Digest {
    Sha256,
    Sha384,
    Sha512,
}

/// 32, 48 or 64 bytes.
pub fn hash(digest: Digest, data: &[u8]) -> Vec<u8> {
    match digest {
        Digest::Sha256 => Sha256::digest(data).to_vec(),
        Digest::Sha384 => Sha384::digest(data).to_vec(),
        Digest::Sha512 => Sha512::digest(data).to_vec(),
    }
}

/// The tag of RFC 2104: 32, 48 or 64 bytes. Keys of any length.
pub fn hmac(digest: Digest, key: &[u8], text: &[u8]) -> Vec<u8> {
    match digest {
        Digest::Sha256 => mac::<Hmac<Sha256>>(key, text).finalize().into_bytes().to_vec(),
        Digest::Sha384 => mac::<Hmac<Sha384>>(key, text).finalize().into_bytes().to_vec(),
        Digest::Sha512 => mac::<Hmac<Sha512>>(key, text).finalize().into_bytes().to_vec(),
    }
}

/// Whether this is the tag, and all of it, in time that does not depend on where it differs.
pub fn hmac_verify(digest: Digest, key: &[u8], text: &[u8], tag: &[u8]) -> bool {
    match digest {
        Digest::Sha256 => mac::<Hmac<Sha256>>(key, text).verify_slice(tag),
        Digest::Sha384 => mac::<Hmac<Sha384>>(key, text).verify_slice(tag),
        Digest::Sha512 => mac::<Hmac<Sha512>>(key, text).verify_slice(tag),
    }
    .is_ok()
}

/// So many bytes of the kernel's randomness.
///
/// # Panics
/// Where the kernel has none to give: no Linux since 3.17.
pub fn random(bytes: usize) -> Vec<u8> {
    let mut random = vec![0; bytes];
    getrandom::fill(&mut random)
        .expect("getrandom(2) waits until there is randomness and does not fail then");
    random
}

fn mac<M: Mac + KeyInit>(key: &[u8], text: &[u8]) -> M {
    let mut mac = <M as KeyInit>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(text);
    mac
}
