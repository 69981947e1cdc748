//! The key that everything on disk is sealed under.
use base64::Engine;
use base64::alphabet::{Alphabet, STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use ports::secret::Secret;
use std::{fmt, io};
use zeroize::Zeroizing;

pub(crate) const KEY_BYTES: usize = 32;

/// Base64 of a key, padded.
const MOST_CHARS: usize = 44;

/// Seals the key ring: 32 bytes, wiped when dropped. Whoever has it and the folder has every key in it.
// NB: boxed, so that moving it leaves no copies on stacks.
pub struct OperatorKey(Box<Zeroizing<[u8; KEY_BYTES]>>);

/// What was given as the operator's key is none. Never shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the operator's key must be 32 bytes as base64 or as 64 hex characters, which this is not; \
     `openssl rand -base64 32` makes one"
)]
pub struct BadKey;

impl OperatorKey {
    /// Reads what the operator wrote: 64 hex characters, or base64 (standard or URL-safe, padded or not). White space
    /// around it does no harm.
    ///
    /// # Errors
    /// [`BadKey`], whose text says what to write.
    pub fn parse(text: &Secret) -> Result<Self, BadKey> {
        let text = text.expose().trim().as_bytes();
        let mut key = Self::empty();
        match text.len() == 2 * KEY_BYTES {
            true => hex(text, &mut key.0),
            false => base64(text, STANDARD, &mut key.0).or_else(|| base64(text, URL_SAFE, &mut key.0)),
        }
        .ok_or(BadKey)?;
        Ok(key)
    }

    pub(crate) fn fresh() -> io::Result<Self> {
        let mut key = Self::empty();
        getrandom::fill(key.0.as_mut_slice()).map_err(io::Error::other)?;
        Ok(key)
    }

    pub(crate) fn bytes(&self) -> &[u8; KEY_BYTES] {
        &self.0
    }

    fn empty() -> Self {
        Self(Box::new(Zeroizing::new([0; KEY_BYTES])))
    }
}

fn hex(text: &[u8], key: &mut [u8; KEY_BYTES]) -> Option<()> {
    let digit = |c: u8| char::from(c).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    for (byte, pair) in key.iter_mut().zip(text.chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(())
}

fn base64(text: &[u8], alphabet: Alphabet, key: &mut [u8; KEY_BYTES]) -> Option<()> {
    if text.len() > MOST_CHARS {
        return None;
    }
    let config = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let mut bytes = Zeroizing::new([0; MOST_CHARS]);
    let length = GeneralPurpose::new(&alphabet, config).decode_slice(text, bytes.as_mut_slice()).ok()?;
    key.copy_from_slice(bytes.get(..length).filter(|bytes| bytes.len() == KEY_BYTES)?);
    Some(())
}

impl fmt::Debug for OperatorKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OperatorKey(…)")
    }
}
