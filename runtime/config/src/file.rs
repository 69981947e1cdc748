//! The file as a whole: reading, parsing, and what is asked of it.
use crate::account::Account;
use crate::agent::Agent;
use crate::asked::Asked;
use crate::check::Env;
use crate::compiler::CompilerSettings;
use crate::doors::{EventsSettings, McpSettings};
use crate::egress::Egress;
use crate::example;
use crate::findings::Findings;
use crate::keyring::KeyringSettings;
use crate::limits::Limits;
use crate::nearest;
use crate::report::{Problem, Report};
use crate::request::Request;
use crate::source::{Source, Span};
use crate::walk::{self, Walked};
use ports::identity::BadName;
use std::fs::File;
use std::io::{self, Read};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use toml::de::DeTable;

/// Largest file in bytes. A thousand accounts with grants written out are about 1 MiB.
pub const MAX_FILE_BYTES: usize = 1 << 20;

/// Syntax errors reported at once: one slip makes the parser stumble on what follows.
const MOST_SYNTAX_ERRORS: usize = 5;

/// A file that is right by itself; what connectors ask for is held against it by [`crate::check`].
#[derive(Clone, Debug)]
pub struct Config {
    /// Of every instance that has no limits of its own.
    pub limits: Limits,
    source: Arc<Source>,
    walked: Walked,
}

#[derive(Clone, Debug)]
pub(crate) struct Connector {
    pub enabled: bool,
    pub path: String,
    pub span: Span,
    pub accounts: Vec<Account>,
}

impl Config {
    /// # Errors
    /// Everything that is wrong with it, at once.
    pub fn read(path: &Path) -> Result<Self, Report> {
        let name = path.display().to_string();
        let unread = |what: String, help| Err(Report(vec![Problem::unread(&name, what, help)]));
        match content(path) {
            Ok(bytes) if bytes.len() > MAX_FILE_BYTES => {
                unread(format!("is over the limit of {MAX_FILE_BYTES} bytes"), "is it the right file?")
            }
            Ok(bytes) => match String::from_utf8(bytes) {
                Ok(text) => Self::parse(&text, &name),
                Err(bad) => {
                    let at = bad.utf8_error().valid_up_to();
                    unread(format!("byte {at} is not UTF-8"), "save the file as UTF-8")
                }
            },
            Err(error) => unread(
                format!("cannot be read: {error}"),
                "`runtime inspect <component>` prints the lines to begin with",
            ),
        }
    }

    /// Relative paths of secrets are read from the folder of `file_name`.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn parse(text: &str, file_name: &str) -> Result<Self, Report> {
        let source = Arc::new(Source::new(file_name, text));
        if text.len() > MAX_FILE_BYTES {
            let what = format!("is over the limit of {MAX_FILE_BYTES} bytes");
            return Err(Report(vec![Problem::unread(file_name, what, "is it the right file?")]));
        }
        let mut findings = Findings::default();
        let (root, errors) = DeTable::parse_recoverable(text);
        let walked = match errors.is_empty() {
            true => walk::walk(&source, root.get_ref(), &mut findings),
            false => {
                note_syntax(&errors, &source, &mut findings);
                Walked::default()
            }
        };
        if !findings.is_empty() {
            return Err(Report(findings.finish(&source)));
        }
        source.hide(findings.lasting());
        Ok(Self { limits: walked.limits.defaults, source, walked })
    }

    /// Of an operator who has no file: every connector is not configured.
    pub fn empty() -> Self {
        let source = Arc::new(Source::new("runtime.toml", ""));
        Self { limits: Limits::default(), source, walked: Walked::default() }
    }

    /// Who answers, its key fetched, and what is to be warned of; `env` stands for the process's environment.
    ///
    /// # Errors
    /// A key is named and cannot be had. That is wrong even where an account would only be not configured: without its
    /// agent nothing can answer, so nothing should start.
    pub fn agent(&self, env: Env<'_>) -> Result<(Agent, Vec<Problem>), Report> {
        self.walked.agent.fetch(&self.source, env)
    }

    /// How connections leave the machine, its files read, and what is to be warned of.
    ///
    /// # Errors
    /// As [`Self::agent`]: a file or password that cannot be had is wrong, as no instance could trust or reach anything.
    pub fn egress(&self, env: Env<'_>) -> Result<(Egress, Vec<Problem>), Report> {
        self.walked.egress.fetch(&self.source, env)
    }

    /// What the keys on disk are encrypted with.
    ///
    /// # Errors
    /// As [`Self::agent`]: with another key, or none, the keys of every instance would be lost.
    pub fn keyring(&self, env: Env<'_>) -> Result<KeyringSettings, Report> {
        self.walked.keyring.fetch(&self.source, env)
    }

    /// Where others on this machine can watch what connectors publish. None where nobody is to.
    ///
    /// # Errors
    /// As [`Self::agent`].
    pub fn events(&self, env: Env<'_>) -> Result<(Option<EventsSettings>, Vec<Problem>), Report> {
        self.walked.doors.events(&self.source, env)
    }

    /// Which tools are offered to agents, and where.
    ///
    /// # Errors
    /// As [`Self::agent`].
    pub fn mcp(&self, env: Env<'_>) -> Result<(Option<McpSettings>, Vec<Problem>), Report> {
        self.walked.doors.mcp(&self.source, env)
    }

    /// Connectors and accounts that an endpoint of `[mcp]` names and that are not `known`.
    pub fn unknown_in_mcp(&self, known: impl Fn(&str) -> bool) -> Vec<Problem> {
        let mut findings = Findings::default();
        self.walked.doors.unknown(known, &mut findings);
        findings.finish(&self.source)
    }

    /// How components are compiled.
    pub fn compiler(&self) -> CompilerSettings {
        self.walked.compiler
    }

    /// Where the counts can be read, an address of this machine; port 0 is one that the system chooses. None where
    /// nobody is to read them.
    pub fn telemetry(&self) -> Option<SocketAddr> {
        self.walked.telemetry
    }

    /// The accounts to hold against what the connector asks for. None where it is disabled; where the file has no
    /// account of it, one named `default` that will turn out to be not configured.
    ///
    /// # Errors
    /// The id is no name. Ids come from connectors.
    pub fn instances_of(&self, connector: &str) -> Result<Vec<Account>, BadName> {
        match self.walked.connectors.get(connector) {
            Some(found) if !found.enabled => Ok(Vec::new()),
            Some(found) if !found.accounts.is_empty() => Ok(found.accounts.clone()),
            _ => Ok(vec![Account::absent(&self.source, connector, self.limits)?]),
        }
    }

    /// Whether the connector may run; one that the file does not name may.
    pub fn is_enabled(&self, connector: &str) -> bool {
        self.walked.connectors.get(connector).is_none_or(|found| found.enabled)
    }

    /// Connectors of the file that no component has. One that is disabled may be away.
    pub fn unknown_connectors(&self, loaded: &[&str]) -> Vec<Problem> {
        let mut findings = Findings::default();
        let is_unknown =
            |(name, connector): &(&String, &Connector)| connector.enabled && !loaded.contains(&name.as_str());
        for (name, connector) in self.walked.connectors.iter().filter(is_unknown) {
            let what = match loaded {
                [] => "unknown connector; none is loaded".to_owned(),
                _ => format!("unknown connector; loaded: {}", loaded.join(", ")),
            };
            let help = nearest::guess(name, loaded.iter().copied())
                .unwrap_or_else(|| "name its component on the command line, or remove the table".into());
            findings.add(&connector.span, &connector.path, what, help);
        }
        findings.finish(&self.source)
    }

    /// The lines that a new user writes for this connector.
    pub fn example(asked: &Asked) -> String {
        example::account(asked, &Request::of(asked))
    }
}

/// At most one byte more than allowed, whatever the path leads to.
fn content(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_FILE_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn note_syntax(errors: &[toml::de::Error], source: &Source, findings: &mut Findings) {
    let mut last_line = 0;
    // A parser that is lost notes as many errors as there are bytes; the first few matter.
    for error in errors.iter().take(20) {
        let span = error.span().unwrap_or(0..0);
        let (line, _) = source.position(span.start);
        if line == last_line {
            continue;
        }
        last_line = line;
        source.values_of_line(span.start).iter().for_each(|value| findings.hide(value));
        if findings.len() < MOST_SYNTAX_ERRORS {
            findings.add(&span, "", format!("not TOML: {}", error.message()), "");
        }
    }
}
