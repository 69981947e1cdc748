//! What the connector asks for and does not get, for people.
use super::Checking;
use super::granting::Given;
use crate::asked::SecretAsk;
use crate::covers::covers;
use crate::request;
use crate::template;
use ports::json_test::JsonTest;
use ports::reach::UrlRule;
use ports::secret::{At, Entry};
use serde_json::Value;
use std::collections::BTreeSet;

impl Checking<'_> {
    /// Lines of its request. What is given by another rule that holds it is not withheld.
    pub(super) fn withheld(&self, config: &Value, given: &Given) -> Vec<String> {
        let reach: Vec<&UrlRule> = given.reach.rules.iter().collect();
        let is_closed = |rule: &str| !self.is_covered(rule, &reach, config);
        let urls = self.asked.urls.iter().filter(|url| is_closed(&url.rule));
        let mut lines: BTreeSet<String> = urls.map(|url| request::reaches(&url.rule)).collect();
        let nothing = Entry::default();
        for secret in &self.asked.secrets {
            let entry = given.secrets.get(&secret.name).unwrap_or(&nothing);
            lines.extend(self.withheld_of(secret, entry, config));
        }
        lines.into_iter().collect()
    }

    fn withheld_of(&self, secret: &SecretAsk, given: &Entry, config: &Value) -> Vec<String> {
        let name = &secret.name;
        let mut lines = Vec::new();
        for ask in &secret.places {
            let fits = given.places.iter().filter(|it| is_as_wide((&it.at, &it.when), (&ask.at, &ask.when)));
            let rules: Vec<_> = fits.map(|it| &it.url).collect();
            lines.extend((!self.is_covered(&ask.rule, &rules, config)).then(|| request::writes(name, ask)));
        }
        for ask in &secret.captures {
            let fits =
                given.captures.iter().filter(|it| is_as_wide((&it.at, &it.when), (&ask.at, &ask.when)));
            let rules: Vec<_> = fits.map(|it| &it.url).collect();
            lines.extend((!self.is_covered(&ask.rule, &rules, config)).then(|| request::captures(name, ask)));
        }
        let keys = secret.signs.iter().filter(|key| !given.signs.contains(key));
        lines.extend(keys.map(|key| request::signs(name, key)));
        let withheld = secret.authenticates && !given.authenticates;
        lines.extend(withheld.then(|| request::authenticates(name)));
        lines
    }

    fn is_covered(&self, rule: &str, given: &[&UrlRule], config: &Value) -> bool {
        let rule = template::expand(rule, &self.asked.schema, config);
        rule.is_ok_and(|rule| covers(given, &rule))
    }
}

/// Fewer tests are wider.
fn is_as_wide(given: (&At, &Vec<JsonTest>), asked: (&At, &Vec<JsonTest>)) -> bool {
    given.0 == asked.0 && given.1.iter().all(|test| asked.1.contains(test))
}
