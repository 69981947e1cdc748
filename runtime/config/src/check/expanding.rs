//! What a connector asks for, with the operator's configuration in it.
use super::Checking;
use super::granting::Given;
use crate::json;
use crate::template::{self, BadTemplate};
use crate::toml_text;
use crate::wanted::Wanted;
use ports::reach::UrlRule;
use ports::secret::{At, Capture, Entry, Place};
use serde_json::Value;

impl Checking<'_> {
    /// What cannot be expanded is noted.
    pub(super) fn expanded(&mut self, wanted: &Wanted<'_>, config: &Value) -> Given {
        let mut given = Given::default();
        for url in wanted.urls {
            let rule = self.expand(&url.rule, config);
            given.reach.rules.extend(rule.filter(|rule| !given.reach.rules.contains(rule)));
        }
        for secret in &wanted.secrets {
            let mut entry = Entry { signs: secret.signs.clone(), ..Entry::default() };
            entry.authenticates = secret.authenticates;
            for place in &secret.places {
                let Some(url) = self.expand(&place.rule, config) else { continue };
                let place = Place { url, at: place.at.clone(), when: place.when.clone() };
                if !entry.places.contains(&place) {
                    entry.places.push(place);
                }
            }
            for capture in &secret.captures {
                if let At::Query(_) = capture.at {
                    let what = format!("captures {} from a query, where nothing arrives", secret.name);
                    self.notes.problems.blame(&self.asked.id, what);
                }
                let Some(url) = self.expand(&capture.rule, config) else { continue };
                entry.captures.push(Capture { url, at: capture.at.clone(), when: capture.when.clone() });
            }
            given.secrets.insert(secret.name.clone(), entry);
        }
        given
    }

    fn expand(&mut self, rule: &str, config: &Value) -> Option<UrlRule> {
        match template::expand(rule, &self.asked.schema, config) {
            Ok(rule) => return Some(rule),
            Err(BadTemplate::Template(what)) => self.notes.problems.blame(&self.asked.id, what),
            Err(BadTemplate::Value { key, what, help }) => {
                let pointer = json::pointer("", &key);
                let written = self.written.config.as_ref();
                let span = written.and_then(|config| config.value_span(&pointer));
                // After what was refused may come a password or a token.
                span.into_iter().for_each(|span| self.notes.hide(span));
                let path = json::path(&toml_text::path(&self.account.path, "config"), &pointer);
                self.notes.problems.add(span.unwrap_or(&self.written.span), &path, what, help);
            }
        }
        None
    }
}
