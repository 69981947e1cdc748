//! What of an answer the guest gets to see: secrets that arrive are kept, those that come back are cut out.
use super::request::Hop;
use http::{HeaderMap, header};
use ports::json_text;
use ports::secret::{Arrival, REDACTED, Vault};
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

    /// Takes out what arrives at a place of the operator's grant. A body from which something was taken, or in which a key
    /// stands twice, is written anew: so there is nothing in it but what was read. A body that cannot be read where
    /// something may arrive in JSON is withheld; status and headers are the guest's all the same.
    pub(super) fn arrive(&mut self, hop: &Hop, vault: &Vault) {
        let (method, url) = (Some(hop.method.as_str()), &hop.url);
        if !vault.awaits(method, url) {
            return;
        }
        let mut json: Option<Value> = str::from_utf8(&self.body).ok().and_then(json_text::read);
        let repeats = json.as_ref().is_some_and(|json| json_text::has_repeated_keys(&self.body, json));
        let headers = &mut self.headers;
        let taken = vault.capture(Arrival { method, url, headers, json: json.as_mut() });
        match json {
            Some(json) if taken.json > 0 || repeats => self.rewrite(json.to_string().into_bytes()),
            None if !self.body.is_empty() && vault.awaits_json(method, url) => {
                self.rewrite(REDACTED.as_bytes().to_vec());
            }
            _ => {}
        }
    }

    /// Whether there was a secret in it.
    pub(super) fn scrub(&mut self, vault: &Vault) -> bool {
        let mut found = false;
        let names: Vec<&str> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        // All at once: it is hardly ever so.
        if vault.is_in_name(&names.join("\n")) {
            let count = names.len();
            self.headers.retain(|(name, _)| !vault.is_in_name(name));
            found |= self.headers.len() < count;
        }
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
