//! The fake host's secrets, and the texts that they are part of.

use super::arrival::{self, Arrival, Capture};
use super::redact::redacted;
use crate::crypto::{Error, Part};
use crate::{Descriptor, SecretRequest};
use serde_json::Value;
use std::collections::BTreeMap;

/// As the contract says (`wit/crypto.wit`).
const PARTS: usize = 64;
const TEXT_BYTES: usize = 1 << 20;

#[derive(Default)]
pub(super) struct Secrets {
    /// Of some only the name is known.
    values: BTreeMap<String, Option<String>>,
    /// What the connector under test asks for; all of it is granted. None: there is no connector, nothing is forbidden.
    asked: Option<Vec<SecretRequest>>,
    /// Where they arrive; nowhere without a connector.
    captures: Vec<Capture>,
    /// Values that were replaced: still cut out of what comes back.
    former: Vec<String>,
}

impl Secrets {
    pub(super) fn name(&mut self, name: &str) {
        self.values.entry(name.to_owned()).or_default();
    }

    pub(super) fn set(&mut self, name: &str, value: String) {
        let former = self.values.insert(name.to_owned(), Some(value)).flatten();
        self.former.extend(former);
    }

    pub(super) fn exists(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    pub(super) fn ask(&mut self, descriptor: Descriptor, config: &Value) {
        self.captures = arrival::captures(&descriptor, config);
        self.asked = Some(descriptor.secrets);
    }

    /// Keeps what arrives. Whether the JSON was changed.
    pub(super) fn capture(&mut self, arrival: Arrival<'_>) -> bool {
        let taken = arrival::take(&self.captures, arrival);
        taken.secrets.into_iter().for_each(|(name, value)| self.set(&name, value));
        taken.json
    }

    /// Without the values that are known. None: there was none in it.
    pub(super) fn redacted(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        redacted(bytes, self.values.values().flatten().chain(&self.former).map(String::as_str))
    }

    /// The text that this key is to sign.
    pub(super) fn text(&self, parts: &[Part], key: &str) -> Result<Vec<u8>, Error> {
        together(parts, |secret| {
            let value = self.value(secret)?;
            match self.grants(secret, |request| request.signs.iter().any(|name| name == key)) {
                true => Ok(value),
                false => {
                    Err(Error::Denied(format!("secret {secret:?} may not be in what key {key:?} signs")))
                }
            }
        })
    }

    /// The value that is the key of an HMAC.
    pub(super) fn authenticator(&self, secret: &str) -> Result<&str, Error> {
        let value = self.value(secret)?;
        match self.grants(secret, |request| request.authenticates) {
            true => Ok(value),
            false => Err(Error::Denied(format!("secret {secret:?} may not authenticate"))),
        }
    }

    fn value(&self, secret: &str) -> Result<&str, Error> {
        let known = self.values.get(secret);
        let value = known.ok_or_else(|| Error::Denied(format!("there is no secret {secret:?}")))?;
        Ok(value.as_ref().unwrap_or_else(|| panic!("the test has to give {secret} a value: secret_value")))
    }

    fn grants(&self, secret: &str, enough: impl Fn(&SecretRequest) -> bool) -> bool {
        let Some(asked) = &self.asked else { return true };
        asked.iter().any(|request| request.name == secret && enough(request))
    }
}

/// Parts without secrets.
pub(super) fn public(parts: &[Part]) -> Result<Vec<u8>, Error> {
    together(parts, |_| Err(Error::Invalid("parts: none may be a secret".into())))
}

fn together<'a>(parts: &[Part], reveal: impl Fn(&str) -> Result<&'a str, Error>) -> Result<Vec<u8>, Error> {
    if parts.len() > PARTS {
        return Err(Error::Invalid(format!("parts: at most {PARTS}")));
    }
    let mut text = Vec::new();
    for part in parts {
        text.extend_from_slice(match part {
            Part::Bytes(bytes) => bytes,
            Part::Text(text) => text.as_bytes(),
            Part::Secret(name) => reveal(name)?.as_bytes(),
        });
    }
    if text.len() > TEXT_BYTES {
        return Err(Error::Invalid(format!("parts: at most {TEXT_BYTES} bytes together")));
    }
    Ok(text)
}
