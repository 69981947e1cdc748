//! The MAC that tells our own artefacts from planted ones.
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::{fmt, io};

const KEY_BYTES: usize = 32;
const MAC_BYTES: usize = 32;

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

    /// What stands before the code in the file.
    pub fn seal(&self, name: &str, code: &[u8]) -> Vec<u8> {
        self.mac(name, code).finalize().into_bytes().to_vec()
    }

    /// The code, if it was sealed under this name with this key.
    pub fn open<'a>(&self, name: &str, file: &'a [u8]) -> Option<&'a [u8]> {
        let (mac, code) = file.split_at_checked(MAC_BYTES)?;
        self.mac(name, code).verify_slice(mac).ok()?;
        Some(code)
    }

    fn mac(&self, name: &str, code: &[u8]) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes keys of any length");
        mac.update(&(name.len() as u64).to_le_bytes());
        mac.update(name.as_bytes());
        mac.update(code);
        mac
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}
