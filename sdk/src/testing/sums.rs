//! The fake host's mathematics: what it computes is real, only its random bytes and keys are not.

use crate::crypto::{Digest, Error};
use ed25519_dalek::{Signature, VerifyingKey};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest as _, Sha256, Sha384, Sha512};

/// As the contract says (`wit/crypto.wit`).
const RANDOM_BYTES: u32 = 65_536;

/// The next bytes of a stream that is the same in each run; `drawn` counts its blocks.
pub(super) fn random(bytes: u32, drawn: &mut u64) -> Result<Vec<u8>, Error> {
    if !(1..=RANDOM_BYTES).contains(&bytes) {
        return Err(Error::Invalid(format!("bytes: 1 to {RANDOM_BYTES}")));
    }
    let mut stream = Vec::new();
    while stream.len() < bytes as usize {
        stream.extend(Sha512::digest(format!("random {drawn}")));
        *drawn += 1;
    }
    stream.truncate(bytes as usize);
    Ok(stream)
}

pub(super) fn hash(algorithm: Digest, data: &[u8]) -> Vec<u8> {
    match algorithm {
        Digest::Sha256 => Sha256::digest(data).to_vec(),
        Digest::Sha384 => Sha384::digest(data).to_vec(),
        Digest::Sha512 => Sha512::digest(data).to_vec(),
    }
}

pub(super) fn tag(algorithm: Digest, key: &[u8], text: &[u8]) -> Vec<u8> {
    match algorithm {
        Digest::Sha256 => tag_of::<Hmac<Sha256>>(key, text),
        Digest::Sha384 => tag_of::<Hmac<Sha384>>(key, text),
        Digest::Sha512 => tag_of::<Hmac<Sha512>>(key, text),
    }
}

fn tag_of<M: Mac + KeyInit>(key: &[u8], text: &[u8]) -> Vec<u8> {
    let mac = <M as KeyInit>::new_from_slice(key).expect("a key of HMAC has any length");
    mac.chain_update(text).finalize().into_bytes().to_vec()
}

pub(super) fn verify(public: &[u8], message: &[u8], signature: &[u8]) -> Result<bool, Error> {
    let public = exactly("public", public)?;
    let signature = Signature::from_bytes(exactly("signature", signature)?);
    let key = VerifyingKey::from_bytes(public);
    Ok(key.is_ok_and(|key| key.verify_strict(message, &signature).is_ok()))
}

pub(super) fn exactly<'a, const N: usize>(what: &str, bytes: &'a [u8]) -> Result<&'a [u8; N], Error> {
    bytes.try_into().map_err(|_| Error::Invalid(format!("{what}: {N} bytes")))
}
