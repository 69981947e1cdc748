//! The account's secrets: fetched, and kept apart from its configuration, which the connector reads.
use super::Checking;
use crate::asked::SecretAsk;
use crate::check::Env;
use crate::instance::SecretFile;
use crate::json;
use crate::missing;
use crate::secrets::{Origin, SecretLine};
use crate::toml_text;
use ports::secret::{MIN_REDACTED_BYTES, Secret};
use std::collections::BTreeMap;

#[derive(Default)]
pub(super) struct Secrets {
    pub values: BTreeMap<String, Secret>,
    pub files: Vec<SecretFile>,
}

impl Checking<'_> {
    /// The values that there are.
    pub(super) fn secrets(&mut self, env: Env<'_>) -> Secrets {
        let mut secrets = Secrets::default();
        let folder = self.account.source.folder();
        for (name, line) in &self.written.secrets {
            if self.secret(name).is_none() {
                self.refuse_unknown_secret(name, &line.span, &line.path);
                continue;
            }
            if let Origin::File(path) = &line.value {
                secrets.files.push(SecretFile { name: name.clone(), path: folder.join(path) });
            }
            if let Some(value) = self.notes.secret(line, &self.account.source, env) {
                if value.expose().len() < MIN_REDACTED_BYTES {
                    self.warn_of_short(line);
                }
                secrets.values.insert(name.clone(), value);
            }
        }
        let absent = |secret: &&SecretAsk| {
            secret.must_be_provided() && !self.written.secrets.contains_key(&secret.name)
        };
        for secret in self.asked.secrets.iter().filter(absent) {
            self.notes.missing.push(missing::secret(self.account, self.written, self.asked, &secret.name));
        }
        secrets
    }

    fn warn_of_short(&mut self, line: &SecretLine) {
        let what = format!(
            "has fewer than {MIN_REDACTED_BYTES} bytes: where the far end sends it back, it is not found and the \
             connector reads it"
        );
        self.notes.warnings.add(&line.span, &line.path, what, "use a longer one");
    }

    /// Whether the configuration holds none of the values. A shorter one would be found by chance.
    pub(super) fn keeps_secrets_out(&mut self, secrets: &Secrets) -> bool {
        let mut kept_out = true;
        let long = secrets.values.iter().filter(|(_, value)| value.expose().len() >= MIN_REDACTED_BYTES);
        for (name, value) in long {
            kept_out &= self.keeps_out(name, value.expose());
        }
        kept_out
    }

    fn keeps_out(&mut self, name: &str, value: &str) -> bool {
        let Some(config) = &self.written.config else { return true };
        let what = format!("the configuration holds the value of secret {name}: connectors can read it");
        let help = "take it out; the connector uses the secret by its name";
        let table = toml_text::path(&self.account.path, "config");
        let mut kept_out = true;
        for (pointer, span) in config.holding(value) {
            kept_out = false;
            self.notes.hide(span);
            // A key around it may hold it too.
            let path = Some(json::path(&table, pointer)).filter(|path| !path.contains(value));
            self.notes.problems.add(span, path.as_deref().unwrap_or(&table), what.as_str(), help);
        }
        // Across two values, by chance or by craft.
        if kept_out && config.value.to_string().contains(value) {
            kept_out = false;
            self.notes.problems.add(&self.written.span, &table, what, help);
        }
        if !kept_out {
            // Nobody judges the rest of it now: there may be more.
            config.leaves().for_each(|(_, span)| self.notes.hide(span));
        }
        kept_out
    }
}
