//! Records under the operator's key: XChaCha20-Poly1305, bound to whose they are and what they are called.
//!
//! A file is `ring`, the format's version in one byte, 24 random bytes (enough to never come twice), and the sealed
//! record.
use crate::file_name::What;
use crate::operator_key::OperatorKey;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use ports::identity::InstanceId;
use std::io;
use zeroize::Zeroizing;

/// Whose record it is, and its name. One that stands elsewhere does not open.
#[derive(Clone, Copy)]
pub struct Label<'a> {
    pub owner: &'a InstanceId,
    pub what: What,
    pub name: &'a str,
}

pub struct Seal {
    pub key: OperatorKey,
    /// From before rotations: they open and do not seal.
    pub former: Vec<OperatorKey>,
}

pub struct Opened {
    pub plain: Zeroizing<Vec<u8>>,
    /// By a former key: to be sealed anew.
    pub former: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Another key's, another label's, or damaged; nobody can tell which.
    Sealed,
    Newer(u8),
}

const MAGIC: &[u8] = b"ring";
const VERSION: u8 = 1;
const NONCE_BYTES: usize = 24;
const TAG_BYTES: usize = 16;
/// What a file has beside the record.
pub const OVERHEAD_BYTES: usize = MAGIC.len() + 1 + NONCE_BYTES + TAG_BYTES;

impl Seal {
    pub fn close(&self, label: Label<'_>, plain: &[u8]) -> io::Result<Vec<u8>> {
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce).map_err(io::Error::other)?;
        let bound = label.bytes();
        let sealed = cipher(&self.key).encrypt(&XNonce::from(nonce), Payload { msg: plain, aad: &bound });
        let sealed = sealed.expect("only a text of more than 256 GiB cannot be sealed");
        Ok([MAGIC, &[VERSION], &nonce, &sealed].concat())
    }

    pub fn open(&self, label: Label<'_>, file: &[u8]) -> Result<Opened, Refused> {
        let (&version, rest) =
            file.strip_prefix(MAGIC).and_then(<[u8]>::split_first).ok_or(Refused::Sealed)?;
        if version != VERSION {
            return Err(Refused::Newer(version));
        }
        let (nonce, msg) = rest.split_first_chunk::<NONCE_BYTES>().ok_or(Refused::Sealed)?;
        let bound = label.bytes();
        let open = |key| cipher(key).decrypt(&XNonce::from(*nonce), Payload { msg, aad: &bound }).ok();
        let keys = [(&self.key, false)].into_iter().chain(self.former.iter().map(|key| (key, true)));
        let opened = keys.into_iter().find_map(|(key, former)| Some((open(key)?, former)));
        let (plain, former) = opened.ok_or(Refused::Sealed)?;
        Ok(Opened { plain: Zeroizing::new(plain), former })
    }
}

impl Label<'_> {
    /// Each part behind its length, so that no two labels are the same bytes.
    fn bytes(self) -> Vec<u8> {
        let InstanceId { tenant, connector, account } = self.owner;
        let parts = [tenant, connector, account, self.what.word(), self.name];
        let mut bytes = vec![VERSION];
        for part in parts {
            bytes.extend_from_slice(&(part.len() as u64).to_le_bytes());
            bytes.extend_from_slice(part.as_bytes());
        }
        bytes
    }
}

fn cipher(key: &OperatorKey) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(key.bytes().into())
}
