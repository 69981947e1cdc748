//! Ed25519 signatures of others.
use ed25519_dalek::{PUBLIC_KEY_LENGTH, SIGNATURE_LENGTH, Signature, VerifyingKey};

/// A public key has 32 bytes, a signature 64.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a {what} has {expected} bytes, not {found}")]
pub struct WrongLength {
    pub what: &'static str,
    pub expected: usize,
    pub found: usize,
}

/// Whether the holder of this public key signed the message (RFC 8032). Strict: what some implementations take and
/// others refuse is `false`, so nobody can make a signature that is valid only for us, or for any message.
///
/// # Errors
/// [`WrongLength`] of the public key or the signature.
pub fn ed25519_verify(public: &[u8], message: &[u8], signature: &[u8]) -> Result<bool, WrongLength> {
    let public: &[u8; PUBLIC_KEY_LENGTH] = sized("public key", public)?;
    let signature: &[u8; SIGNATURE_LENGTH] = sized("signature", signature)?;
    let Ok(key) = VerifyingKey::from_bytes(public) else { return Ok(false) };
    // RFC 8032, 5.1.3: a coordinate that is not reduced is no point; the library reduces it.
    let canonical = key.to_edwards().compress().as_bytes() == public;
    Ok(canonical && key.verify_strict(message, &Signature::from_bytes(signature)).is_ok())
}

fn sized<'a, const N: usize>(what: &'static str, bytes: &'a [u8]) -> Result<&'a [u8; N], WrongLength> {
    bytes.try_into().map_err(|_| WrongLength { what, expected: N, found: bytes.len() })
}
