//! An account held against what its connector asks for.
use crate::account::{Account, Written};
use crate::asked::{Asked, SecretAsk};
use crate::findings::Findings;
use crate::limits::Limits;
use crate::missing;
use crate::nearest;
use crate::report::Problem;
use crate::secrets::{Fetched, Unfetched};
use crate::source::Span;
use ports::identity::InstanceId;
use ports::reach::Reach;
use ports::secret::{Entry, Place, Secret, Vault};
use std::collections::BTreeMap;

mod configuration;
mod granting;

/// The value of an environment variable.
pub type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Give every connector what it asks for: `--grant-requested`.
    pub grant_requested: bool,
}

#[derive(Debug)]
pub struct Outcome {
    pub verdict: Verdict,
    /// Nothing that keeps it from starting.
    pub warnings: Vec<Problem>,
}

#[derive(Debug)]
pub enum Verdict {
    Ready(Box<Instance>),
    /// Something has to be written or set first; each says what, some with lines to paste.
    NotConfigured {
        id: InstanceId,
        missing: Vec<Problem>,
    },
    /// The file or the connector is wrong: nothing should start. In the order of the file.
    Wrong(Vec<Problem>),
}

/// All that is needed to start one.
#[derive(Clone, Debug)]
pub struct Instance {
    pub id: InstanceId,
    /// JSON text that passed the schema, defaults not filled in.
    pub config_json: String,
    pub vault: Vault,
    pub reach: Reach,
    pub limits: Limits,
}

/// Reads the account's secrets; `env` stands for the process's environment.
pub fn check(account: &Account, asked: &Asked, options: Options, env: Env<'_>) -> Outcome {
    let Some(written) = &account.written else {
        let mut missing = Findings::default();
        missing.push(missing::account(account, asked));
        let verdict = not_configured(account, missing);
        return Outcome { verdict, warnings: Vec::new() };
    };
    let [missing, problems, warnings] = Default::default();
    let mut checking = Checking { account, written, asked, missing, problems, warnings };
    let config = checking.config();
    let secrets = checking.secrets(env);
    let given = checking.granted(options, config.as_ref());
    let Checking { missing, mut problems, warnings, .. } = checking;
    let verdict = match config {
        Some(_) if problems.is_empty() && !missing.is_empty() => not_configured(account, missing),
        Some(config) if problems.is_empty() => Verdict::Ready(Box::new(Instance {
            id: account.id().clone(),
            config_json: config.to_string(),
            vault: vault(secrets, given.places),
            reach: given.reach,
            limits: account.limits,
        })),
        _ => {
            // Who mends the file wants to know of these too.
            problems.absorb(missing);
            Verdict::Wrong(problems.finish(&account.source))
        }
    };
    Outcome { verdict, warnings: warnings.finish(&account.source) }
}

fn not_configured(account: &Account, missing: Findings) -> Verdict {
    Verdict::NotConfigured { id: account.id().clone(), missing: missing.finish(&account.source) }
}

struct Checking<'a> {
    account: &'a Account,
    written: &'a Written,
    asked: &'a Asked,
    missing: Findings,
    problems: Findings,
    warnings: Findings,
}

/// What the account may.
#[derive(Default)]
struct Given {
    reach: Reach,
    places: BTreeMap<String, Vec<Place>>,
}

impl<'a> Checking<'a> {
    fn secret(&self, name: &str) -> Option<&'a SecretAsk> {
        self.asked.secrets.iter().find(|secret| secret.name == name)
    }

    /// From every report: two may show the same line.
    fn hide(&mut self, span: &Span) {
        for findings in [&mut self.missing, &mut self.problems, &mut self.warnings] {
            findings.hide(span);
        }
    }

    fn refuse_unknown_secret(&mut self, name: &str, span: &Span, path: &str) {
        let names: Vec<_> = self.asked.secrets.iter().map(|secret| secret.name.as_str()).collect();
        let what = match names.as_slice() {
            [] => format!("connector {} uses no secrets", self.asked.id),
            names => format!("connector {} has no such secret; it uses {}", self.asked.id, names.join(", ")),
        };
        self.problems.add(span, path, what, nearest::guess(name, names).unwrap_or_default());
    }

    /// The values that there are.
    fn secrets(&mut self, env: Env<'_>) -> BTreeMap<String, Secret> {
        let mut values = BTreeMap::new();
        let folder = self.account.source.folder();
        for (name, line) in &self.written.secrets {
            if self.secret(name).is_none() {
                self.refuse_unknown_secret(name, &line.span, &line.path);
                continue;
            }
            match line.origin.fetch(&folder, env) {
                Ok(Fetched { value, warning }) => {
                    if let Some(warning) = warning {
                        self.warnings.add(&line.span, &line.path, warning, "take the rights away: chmod 600");
                    }
                    values.insert(name.clone(), value);
                }
                Err(Unfetched::Missing(why)) => self.missing.push(missing::value(line, &why)),
                Err(Unfetched::Wrong(why)) => self.problems.add(&line.span, &line.path, why, "name another"),
            }
        }
        let absent =
            |secret: &&SecretAsk| secret.required && !self.written.secrets.contains_key(&secret.name);
        for secret in self.asked.secrets.iter().filter(absent) {
            self.missing.push(missing::secret(self.account, self.written, self.asked, &secret.name));
        }
        values
    }
}

fn vault(secrets: BTreeMap<String, Secret>, mut places: BTreeMap<String, Vec<Place>>) -> Vault {
    let entry = |(name, value): (String, Secret)| {
        let places = places.remove(&name).unwrap_or_default();
        (name, Entry { value, places })
    };
    Vault::new(secrets.into_iter().map(entry).collect())
}
