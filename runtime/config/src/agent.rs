//! `[agent]`: who answers.
use crate::check::Env;
use crate::findings::Findings;
use crate::nearest;
use crate::node::{Fields, Node};
use crate::notes::Notes;
use crate::report::{Problem, Report};
use crate::secrets::SecretLine;
use crate::source::Source;

mod openai;
mod openclaw;

pub use openai::OpenAi;
pub use openclaw::OpenClaw;

/// Which agent answers.
#[derive(Clone, Debug, Default)]
pub enum Agent {
    /// Says back what it is told.
    #[default]
    Echo,
    OpenAi(Box<OpenAi>),
    OpenClaw(Box<OpenClaw>),
}

/// As the file has it: the key is still where it is kept.
#[derive(Clone, Debug, Default)]
pub(crate) struct Written {
    agent: Agent,
    key: Option<SecretLine>,
}

impl Written {
    pub fn read(node: &Node<'_>, findings: &mut Findings) -> Self {
        if !node.value.is_table() {
            // A key may be in it.
            node.hide(findings);
        }
        let shape = "a table with backend = \"echo\", \"openai\" or \"openclaw\"";
        let Some(mut fields) = node.table(findings, shape) else { return Self::default() };
        let backend = match fields.take("backend") {
            Some(node) => backend(&node, findings),
            None => Some("echo"),
        };
        let written = match backend {
            Some("openai") => openai::read(&mut fields, node, findings),
            Some("openclaw") => openclaw::read(&mut fields, node, findings),
            _ => None,
        };
        leave(&mut fields, backend, findings);
        fields.refuse_others(findings);
        written.unwrap_or_default()
    }

    pub fn fetch(&self, source: &Source, env: Env<'_>) -> Result<(Agent, Vec<Problem>), Report> {
        let mut notes = Notes::default();
        let mut agent = self.agent.clone();
        let place = match &mut agent {
            Agent::Echo => None,
            Agent::OpenAi(openai) => Some(&mut openai.api_key),
            Agent::OpenClaw(openclaw) => Some(&mut openclaw.token),
        };
        if let (Some(place), Some(line)) = (place, &self.key) {
            *place = notes.secret(line, source, env);
            if place.as_ref().is_some_and(|key| !key.expose().bytes().all(|byte| byte.is_ascii_graphic())) {
                let what = "the key has other characters than visible ASCII";
                notes.problems.add(&line.span, &line.path, what, "look for a space or a line end in it");
            }
        }
        notes.settle(agent, source)
    }
}

/// `None` for one that there is not.
fn backend(node: &Node<'_>, findings: &mut Findings) -> Option<&'static str> {
    const BACKENDS: [&str; 3] = ["echo", "openai", "openclaw"];
    let name = node.text(findings, "\"echo\", \"openai\" or \"openclaw\"")?;
    let known = BACKENDS.into_iter().find(|known| *known == name);
    if known.is_none() {
        node.wrong(findings, format!("there is no backend {name:?}"), nearest::hint(name, BACKENDS));
    }
    known
}

/// Keys of the other backends. Where `backend` is `None`, nobody knows whether they are wrong.
fn leave(fields: &mut Fields<'_>, backend: Option<&str>, findings: &mut Findings) {
    let all = [("openai", openai::KEYS.as_slice()), ("openclaw", openclaw::KEYS.as_slice())];
    let of = |name: &'static str| {
        all.into_iter().filter(move |(_, keys)| keys.contains(&name)).map(|(backend, _)| backend)
    };
    let mut names: Vec<&'static str> = all.iter().flat_map(|(_, keys)| keys.iter().copied()).collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        if backend.is_some_and(|backend| of(name).any(|of| of == backend)) {
            continue;
        }
        let Some(node) = fields.take(name) else { continue };
        node.hide(findings);
        if let Some(backend) = backend {
            let others: Vec<String> = of(name).map(|of| format!("\"{of}\"")).collect();
            let help = format!("write backend = {}, or remove the key", others.join(" or "));
            node.wrong(findings, format!("backend {backend:?} has no such key"), help);
        }
    }
}

/// A long prompt has some pages, and every message pays for it.
const MAX_SYSTEM_BYTES: usize = 64 << 10;

fn prompt(node: &Node<'_>, findings: &mut Findings) -> Option<String> {
    let text = node.text(findings, "what the model is told first, in quotes")?;
    if text.len() > MAX_SYSTEM_BYTES {
        let what = format!("{} bytes are over the limit of {MAX_SYSTEM_BYTES}", text.len());
        node.wrong(findings, what, "shorten it");
        return None;
    }
    Some(text.into())
}
