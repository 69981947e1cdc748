//! An account held against what its connector asks for.
use crate::account::{Account, Written};
use crate::approvals::Approvals;
use crate::asked::{Asked, SecretAsk};
use crate::egress::InstanceEgress;
use crate::findings::{Draft, Findings};
use crate::instance::Instance;
use crate::missing;
use crate::nearest;
use crate::notes::Notes;
use crate::report::Problem;
use crate::request::Request;
use crate::source::Span;
use granting::Given;
use ports::identity::InstanceId;
use ports::secret::{Entry, Secret};
use secrets::Secrets;
use serde_json::Value;
use std::collections::BTreeMap;

mod approving;
mod configuration;
mod expanding;
mod granting;
mod secrets;
mod withholding;

pub use approving::Unapproved;

/// The value of an environment variable.
pub type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

#[derive(Debug)]
pub struct Outcome {
    pub verdict: Verdict,
    /// Nothing that keeps it from starting.
    pub warnings: Vec<Problem>,
}

#[derive(Debug)]
pub enum Verdict {
    Ready(Box<Instance>),
    /// The operator has not said whether it may have what it asks for; nothing else is in the way.
    Unapproved(Box<Unapproved>),
    /// Something has to be written or set first; each says what, some with lines to paste.
    NotConfigured {
        id: InstanceId,
        missing: Vec<Problem>,
        /// Where it is not approved either; its problem is among those too.
        unapproved: Option<Box<Unapproved>>,
    },
    /// The file or the connector is wrong: nothing should start. In the order of the file.
    Wrong(Vec<Problem>),
}

/// Reads the account's secrets; `env` stands for the process's environment.
pub fn check(account: &Account, asked: &Asked, approvals: &Approvals, env: Env<'_>) -> Outcome {
    let request = Request::of(asked);
    let Some(written) = &account.written else {
        let mut missing = Findings::default();
        missing.push(missing::account(account, asked, &request));
        let verdict = not_configured(account, missing, None);
        return Outcome { verdict, warnings: Vec::new() };
    };
    let approved = approvals.request_of(account.id());
    let notes = Notes::default();
    let mut checking = Checking { account, written, asked, request: &request, approved, notes };
    // NB: first the secrets: of a configuration that holds one, nothing is repeated.
    let secrets = checking.secrets(env);
    let config = if checking.keeps_secrets_out(&secrets) { checking.config() } else { None };
    let egress = written.egress.fetch(&account.source, env, &mut checking.notes);
    let (given, unapproved) = checking.granted(config.as_ref());
    let Checking { notes: Notes { mut missing, mut problems, warnings }, .. } = checking;
    let verdict = match config {
        Some(config) if problems.is_empty() => {
            let render = |draft: &Draft| {
                let problem = missing.render(draft, &account.source);
                Box::new(Unapproved::new(account.id(), written, request, approved, problem))
            };
            match (unapproved, missing.is_empty()) {
                (None, true) => {
                    Verdict::Ready(Box::new(ready(account, asked, &config, secrets, egress, given)))
                }
                (Some(draft), true) => Verdict::Unapproved(render(&draft)),
                (draft, false) => {
                    let unapproved = draft.as_ref().map(render);
                    // Who mends the file wants to know of all of it.
                    draft.into_iter().for_each(|draft| missing.push(draft));
                    not_configured(account, missing, unapproved)
                }
            }
        }
        _ => {
            unapproved.into_iter().for_each(|draft| missing.push(draft));
            problems.absorb(missing);
            Verdict::Wrong(problems.finish(&account.source))
        }
    };
    Outcome { verdict, warnings: warnings.finish(&account.source) }
}

fn ready(
    account: &Account,
    asked: &Asked,
    config: &Value,
    secrets: Secrets,
    egress: InstanceEgress,
    given: Given,
) -> Instance {
    Instance {
        id: account.id().clone(),
        config_json: config.to_string(),
        secrets: entries(secrets.values, given.secrets),
        files: secrets.files,
        capabilities: asked.capabilities.clone(),
        reach: given.reach,
        owner: given.owner,
        limits: account.limits,
        egress: InstanceEgress { private: given.private, ..egress },
        withheld: given.withheld,
    }
}

/// Of those that have a value or can get one.
fn entries(values: BTreeMap<String, Secret>, mut given: BTreeMap<String, Entry>) -> BTreeMap<String, Entry> {
    given.retain(|name, entry| !entry.captures.is_empty() || values.contains_key(name));
    for (name, value) in values {
        given.entry(name).or_default().value = Some(value);
    }
    given
}

fn not_configured(account: &Account, missing: Findings, unapproved: Option<Box<Unapproved>>) -> Verdict {
    Verdict::NotConfigured { id: account.id().clone(), missing: missing.finish(&account.source), unapproved }
}

struct Checking<'a> {
    account: &'a Account,
    written: &'a Written,
    asked: &'a Asked,
    request: &'a Request,
    /// What the operator approved at a terminal.
    approved: Option<&'a Request>,
    notes: Notes,
}

impl<'a> Checking<'a> {
    fn secret(&self, name: &str) -> Option<&'a SecretAsk> {
        self.asked.secrets.iter().find(|secret| secret.name == name)
    }

    fn refuse_unknown_secret(&mut self, name: &str, span: &Span, path: &str) {
        let names: Vec<_> = self.asked.secrets.iter().map(|secret| secret.name.as_str()).collect();
        let what = match names.as_slice() {
            [] => format!("connector {} uses no secrets", self.asked.id),
            names => format!("connector {} has no such secret; it uses {}", self.asked.id, names.join(", ")),
        };
        self.notes.problems.add(span, path, what, nearest::guess(name, names).unwrap_or_default());
    }
}
