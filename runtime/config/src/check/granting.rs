//! What the operator gives, of what the connector asks for.
use super::{Checking, Given, Options};
use crate::asked::SecretAsk;
use crate::example::{self, Wanted};
use crate::findings::Draft;
use crate::grants::Grants;
use crate::json;
use crate::template::{self, BadTemplate};
use crate::toml_text;
use ports::reach::UrlRule;
use ports::secret::Place;
use serde_json::Value;
use std::net::{IpAddr, Ipv4Addr};

/// Answers with credentials of the machine to whoever asks.
const METADATA: IpAddr = IpAddr::V4(Ipv4Addr::new(169, 254, 169, 254));

impl Checking<'_> {
    /// `config` is `None` where it is wrong; then templates of it would only repeat that.
    pub(super) fn granted(&mut self, options: Options, config: Option<&Value>) -> Given {
        let nothing = Grants::default();
        let grants = self.written.grants.as_ref().unwrap_or(&nothing);
        let mut given = Given::default();
        given.reach.rules = grants.urls.clone().unwrap_or_default();
        for (range, span, path) in &grants.private {
            given.reach.private.push(*range);
            if range.contains(&METADATA) {
                let what = format!("{range} holds cloud metadata services, which hand out credentials");
                self.warnings.add(span, path, what, "write the range that is needed");
            }
        }
        for (name, grant) in &grants.secrets {
            match self.secret(name) {
                Some(_) => drop(given.places.insert(name.clone(), grant.places.clone())),
                None => self.refuse_unknown_secret(name, &grant.span, &grant.path),
            }
        }
        match config {
            Some(config) if options.grant_requested || grants.requested => self.requested(config, &mut given),
            Some(config) => self.refuse_silence(grants, config),
            None => {}
        }
        given
    }

    /// Adds whatever it asks for.
    fn requested(&mut self, config: &Value, given: &mut Given) {
        for url in &self.asked.urls {
            let rule = self.expand(&url.rule, config);
            given.reach.rules.extend(rule.filter(|rule| !given.reach.rules.contains(rule)));
        }
        for secret in &self.asked.secrets {
            for place in &secret.places {
                let Some(url) = self.expand(&place.rule, config) else { continue };
                let place = Place { url, at: place.at.clone(), when: place.when.clone() };
                let places = given.places.entry(secret.name.clone()).or_default();
                if !places.contains(&place) {
                    places.push(place);
                }
            }
        }
    }

    fn expand(&mut self, rule: &str, config: &Value) -> Option<UrlRule> {
        match template::expand(rule, &self.asked.schema, config) {
            Ok(rule) => return Some(rule),
            Err(BadTemplate::Template(what)) => self.problems.blame(&self.asked.id, what),
            Err(BadTemplate::Value { key, what, help }) => {
                let pointer = json::pointer("", &key);
                let written = self.written.config.as_ref();
                let span = written.and_then(|config| config.value_span(&pointer));
                // After what was refused may come a password or a token.
                span.into_iter().for_each(|span| self.hide(span));
                let path = json::path(&toml_text::path(&self.account.path, "config"), &pointer);
                self.problems.add(span.unwrap_or(&self.written.span), &path, what, help);
            }
        }
        None
    }

    /// To give nothing is fine (`urls = []`); to say nothing is an oversight.
    fn refuse_silence(&mut self, grants: &Grants, config: &Value) {
        let urls = if grants.urls.is_none() { self.asked.urls.as_slice() } else { &[] };
        let is_used = |secret: &SecretAsk| secret.required || self.written.secrets.contains_key(&secret.name);
        let unsaid = |secret: &&SecretAsk| {
            !secret.places.is_empty() && is_used(secret) && !grants.secrets.contains_key(&secret.name)
        };
        let secrets: Vec<_> = self.asked.secrets.iter().filter(unsaid).collect();
        if urls.is_empty() && secrets.is_empty() {
            return;
        }
        let table = toml_text::path(&self.account.path, "grants");
        let is_written = self.written.grants.is_some();
        let header = if is_written { format!("# into [{table}]:") } else { format!("[{table}]") };
        let lines = example::grants(&table, &Wanted { urls, secrets, asked: self.asked }, config);
        self.problems.push(Draft {
            span: Some(self.written.span.clone()),
            path: self.account.path.clone(),
            what: "grants nothing of what follows, which the connector asks for".into(),
            help: "write what you grant of it, or requested = true for all, or run with --grant-requested"
                .into(),
            lines: format!("{header}\n{lines}"),
        });
    }
}
