//! The MAC that tells our own artefacts from planted ones.
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::{fmt, io};
use zeroize::Zeroize;

const KEY_BYTES: usize = 32;
pub const MAC_BYTES: usize = 32;

/// What a file is for. Sealed with its content, so that none is taken for the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    Code,
    Note,
}

impl Purpose {
    /// The file's ending too. No two of one length and none a prefix of another is needed: the MAC counts.
    pub fn word(self) -> &'static str {
        match self {
            Self::Code => "cwasm",
            Self::Note => "note",
        }
    }
}

/// Bytes that were sealed with our key, for this purpose and name. Only [`Key::open`] makes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Authentic<'a>(&'a [u8]);

impl<'a> Authentic<'a> {
    pub fn bytes(self) -> &'a [u8] {
        self.0
    }
}

/// Wiped when it is dropped: a child that has loaded an artefact runs it with no key in its memory.
pub struct Key([u8; KEY_BYTES]);

impl Key {
    pub fn fresh() -> io::Result<Self> {
        let mut bytes = [0; KEY_BYTES];
        getrandom::fill(&mut bytes).map_err(io::Error::other)?;
        Ok(Self(bytes))
    }

    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Some(Self(bytes.try_into().ok()?))
    }

    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// What stands before the content in the file.
    pub fn seal(&self, purpose: Purpose, name: &str, content: &[u8]) -> [u8; MAC_BYTES] {
        self.mac(purpose, name, content).finalize().into_bytes().into()
    }

    /// The content, if it was sealed for this purpose, under this name, with this key.
    pub fn open<'a>(
        &self,
        purpose: Purpose,
        name: &str,
        seal: &[u8],
        content: &'a [u8],
    ) -> Option<Authentic<'a>> {
        self.mac(purpose, name, content).verify_slice(seal).ok()?;
        Some(Authentic(content))
    }

    fn mac(&self, purpose: Purpose, name: &str, content: &[u8]) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes keys of any length");
        for part in [purpose.word(), name] {
            mac.update(&(part.len() as u64).to_le_bytes());
            mac.update(part.as_bytes());
        }
        mac.update(content);
        mac
    }
}

impl Drop for Key {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seal_is_for_one_purpose_one_name_one_content_and_one_key() {
        let key = Key::fresh().unwrap();
        let seal = key.seal(Purpose::Code, "name", b"content");
        let opened = |key: &Key, purpose, name, content| key.open(purpose, name, &seal, content).is_some();
        assert!(opened(&key, Purpose::Code, "name", b"content"));
        assert!(!opened(&key, Purpose::Note, "name", b"content"));
        assert!(!opened(&key, Purpose::Code, "other", b"content"));
        assert!(!opened(&key, Purpose::Code, "nam", b"econtent"));
        assert!(!opened(&key, Purpose::Code, "name", b"Content"));
        assert!(!opened(&Key::fresh().unwrap(), Purpose::Code, "name", b"content"));
        assert!(key.open(Purpose::Code, "name", &seal[1..], b"content").is_none());
    }
}
