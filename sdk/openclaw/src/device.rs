//! The device's identity: its id, and the text that its Ed25519 key signs in answer to a challenge.

use crate::connect::{Challenge, Wish};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// The device's id as the gateway knows it: the SHA-256 of the raw public key in lowercase hex.
pub fn id(public_key: &[u8; 32]) -> String {
    hex(&Sha256::digest(public_key))
}

/// One piece of the text to sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Goes in as it stands.
    Text(String),
    /// The secret of the connect request goes here; whoever holds it puts it in.
    Token,
}

/// Which of the gateway's two texts to sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Edition {
    /// Names the platform and the device family too. What today's gateway prefers.
    #[default]
    V3,
    /// For a gateway that does not know the third edition yet.
    V2,
}

/// What a device signs to prove itself. Sign the parts in their order, one after the other, with nothing between.
#[derive(Debug, Clone, Copy)]
pub struct Signing<'a> {
    pub public_key: &'a [u8; 32],
    pub wish: &'a Wish,
    pub challenge: &'a Challenge,
    pub edition: Edition,
}

impl<'a> Signing<'a> {
    /// The preferred edition, for the same wish and challenge that go into the connect request.
    pub fn new(public_key: &'a [u8; 32], wish: &'a Wish, challenge: &'a Challenge) -> Self {
        Self { public_key, wish, challenge, edition: Edition::default() }
    }

    /// The text as parts, so that the secret need not be in our hands: [`Part::Token`] is among them exactly if the
    /// wish logs in with a token. A password is not signed.
    pub fn parts(&self) -> Vec<Part> {
        let Wish { client, role, scopes, auth, .. } = self.wish;
        let edition = match self.edition {
            Edition::V3 => "v3",
            Edition::V2 => "v2",
        };
        let before = format!(
            "{edition}|{}|{}|{}|{role}|{}|{}|",
            id(self.public_key),
            client.id,
            client.mode,
            scopes.join(","),
            self.challenge.ts
        );
        let mut after = format!("|{}", self.challenge.nonce);
        if self.edition == Edition::V3 {
            let family = client.device_family.as_deref().unwrap_or_default();
            after.push_str(&format!("|{}|{}", folded(&client.platform), folded(family)));
        }
        if auth.is_signed() {
            vec![Part::Text(before), Part::Token, Part::Text(after)]
        } else {
            vec![Part::Text(before + &after)]
        }
    }
}

/// The whole text, for a caller who holds the secret himself.
pub fn text(parts: &[Part], secret: &str) -> String {
    parts.iter().map(|part| if let Part::Text(text) = part { text } else { secret }).collect()
}

pub(crate) fn encoded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// As the gateway folds it before it checks the signature.
fn folded(text: &str) -> String {
    text.trim().to_ascii_lowercase()
}
