//! What of an answer the guest gets to see: secrets that arrive are kept, those that come back are cut out.
use super::request::Hop;
use http::{HeaderMap, header};
use ports::secret::{Arrival, Vault};
use serde_json::Value;
use std::borrow::Cow;

pub(super) struct Answer {
    pub(super) headers: Vec<(String, Vec<u8>)>,
    pub(super) body: Vec<u8>,
}

impl Answer {
    pub(super) fn new(headers: &HeaderMap, body: Vec<u8>) -> Self {
        let headers =
            headers.iter().map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec()));
        Self { headers: headers.collect(), body }
    }

    /// Of a redirect: nobody reads its body, and the guest sees none of it.
    pub(super) fn passing(headers: &HeaderMap) -> Self {
        Self::new(headers, Vec::new())
    }

    /// Takes out what arrives at a place of the operator's grant. A body from which something was taken is written anew,
    /// so that no second key of the same name is left in it. False: something may arrive in a body that is not JSON.
    pub(super) fn arrive(&mut self, hop: &Hop, vault: &Vault) -> bool {
        let (method, url) = (Some(hop.method.as_str()), &hop.url);
        if !vault.awaits(method, url) {
            return true;
        }
        let mut json: Option<Value> = serde_json::from_slice(&self.body).ok();
        let is_json = json.is_some();
        let headers = &mut self.headers;
        let taken = vault.capture(Arrival { method, url, headers, json: json.as_mut() });
        if let Some(json) = json.filter(|_| taken.json > 0) {
            self.rewrite(json.to_string().into_bytes());
        }
        is_json || !vault.awaits_json(method, url)
    }

    /// Whether there was a secret in it.
    pub(super) fn scrub(&mut self, vault: &Vault) -> bool {
        let mut found = false;
        let names = self.headers.len();
        self.headers.retain(|(name, _)| !vault.is_in_name(name));
        found |= self.headers.len() < names;
        for (_, value) in &mut self.headers {
            if let Cow::Owned(clean) = vault.redact_bytes(value) {
                found = true;
                *value = clean;
            }
        }
        if let Cow::Owned(clean) = vault.redact_bytes(&self.body) {
            found = true;
            self.rewrite(clean);
        }
        found
    }

    fn rewrite(&mut self, body: Vec<u8>) {
        let length = self.headers.iter_mut().filter(|(name, _)| name == header::CONTENT_LENGTH.as_str());
        length.for_each(|(_, value)| *value = body.len().to_string().into_bytes());
        self.body = body;
    }
}
