//! What is sealed: one byte for the kind, eight for when it was made (big-endian, milliseconds since the epoch), and the
//! bytes of the key or the text of the secret.
use ports::keys::Kind;
use std::io;
use zeroize::Zeroizing;

pub struct Record {
    /// `None`: a secret that arrived.
    pub kind: Option<Kind>,
    pub made_ms: u64,
    pub bytes: Zeroizing<Vec<u8>>,
}

/// Before the bytes.
pub const HEAD_BYTES: usize = 1 + 8;

impl Record {
    /// A new key.
    pub fn fresh(kind: Kind, made_ms: u64) -> io::Result<Self> {
        let mut bytes = Zeroizing::new(vec![0; key_bytes(kind)]);
        getrandom::fill(&mut bytes).map_err(io::Error::other)?;
        Ok(Self { kind: Some(kind), made_ms, bytes })
    }

    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        // NB: as large as it will get, so that growing leaves no copy behind.
        let mut plain = Zeroizing::new(Vec::with_capacity(HEAD_BYTES + self.bytes.len()));
        plain.push(tag(self.kind));
        plain.extend_from_slice(&self.made_ms.to_be_bytes());
        plain.extend_from_slice(&self.bytes);
        plain
    }

    pub fn decode(plain: &[u8]) -> Option<Self> {
        let (&found, rest) = plain.split_first()?;
        let (made_ms, bytes) = rest.split_first_chunk()?;
        let kind = KINDS.into_iter().find(|kind| tag(*kind) == found)?;
        let sized = kind.is_none_or(|kind| bytes.len() == key_bytes(kind));
        let made_ms = u64::from_be_bytes(*made_ms);
        sized.then(|| Self { kind, made_ms, bytes: Zeroizing::new(bytes.to_vec()) })
    }
}

const KINDS: [Option<Kind>; 4] = [None, Some(Kind::Ed25519), Some(Kind::HmacSha256), Some(Kind::HmacSha512)];

/// On disk: never another meaning.
fn tag(kind: Option<Kind>) -> u8 {
    match kind {
        None => 0,
        Some(Kind::Ed25519) => 1,
        Some(Kind::HmacSha256) => 2,
        Some(Kind::HmacSha512) => 3,
    }
}

/// As long as what it makes, so that the key is no weaker than the tag.
fn key_bytes(kind: Kind) -> usize {
    match kind {
        Kind::Ed25519 | Kind::HmacSha256 => 32,
        Kind::HmacSha512 => 64,
    }
}
