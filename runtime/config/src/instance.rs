//! An instance that is ready to start, and what it may.
use crate::egress::InstanceEgress;
use crate::limits::Limits;
use crate::wording::{at, quoted, rule, when, word};
use ports::identity::InstanceId;
use ports::reach::Reach;
use ports::secret::Entry;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// All that is needed to start one.
#[derive(Clone, Debug)]
pub struct Instance {
    pub id: InstanceId,
    /// JSON text that passed the schema, defaults not filled in.
    pub config_json: String,
    /// Those that are configured and those that arrive, which have no value yet.
    pub secrets: BTreeMap<String, Entry>,
    /// Secrets that come from files, which can change.
    pub files: Vec<SecretFile>,
    /// What it imports; all of it is granted.
    pub capabilities: Vec<String>,
    pub reach: Reach,
    /// Whether it may say that the owner speaks. Only the file gives it.
    pub owner: bool,
    pub limits: Limits,
    pub egress: InstanceEgress,
    /// Lines of the [`Request`](crate::Request) that the operator does not give.
    pub withheld: Vec<String>,
}

/// Where a secret's value is read from, and again with [`read_secret`](crate::read_secret).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretFile {
    /// Of the secret.
    pub name: String,
    pub path: PathBuf,
}

impl Instance {
    /// What it may, one line each, for people. No value of a secret is in it.
    pub fn given(&self) -> Vec<String> {
        let mut lines: Vec<String> =
            self.capabilities.iter().map(|name| format!("may use {}", word(name))).collect();
        lines.extend(self.reach.rules.iter().map(|url| format!("may reach {}", rule(&url.canonical()))));
        lines.extend(self.egress.private.iter().map(|range| format!("may reach closed addresses {range}")));
        lines.extend(self.owner.then(|| "may speak as the owner".to_owned()));
        for (name, entry) in &self.secrets {
            lines.extend(of_secret(&word(name), entry));
        }
        for certificate in &self.egress.certificates {
            lines.push(format!("shows its certificate to {}", certificate.hosts.join(", ")));
        }
        lines
    }
}

fn of_secret(name: &str, entry: &Entry) -> Vec<String> {
    let Entry { places, captures, signs, authenticates, .. } = entry;
    let mut lines = Vec::new();
    for place in places {
        let (at, url) = (at(&place.at), rule(&place.url.canonical()));
        lines.push(format!("{name} may go into {at} of {url}{}", when(&place.when)));
    }
    for capture in captures {
        let (at, url) = (at(&capture.at), rule(&capture.url.canonical()));
        lines.push(format!("{name} arrives in {at} of {url}{}", when(&capture.when)));
    }
    lines.extend(signs.iter().map(|key| format!("{name} may be in text that key {} signs", quoted(key))));
    lines.extend(authenticates.then(|| format!("{name} may authenticate text")));
    lines
}
