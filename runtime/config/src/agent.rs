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

pub use openai::OpenAi;

/// Which agent answers.
#[derive(Clone, Debug, Default)]
pub enum Agent {
    /// Says back what it is told.
    #[default]
    Echo,
    OpenAi(Box<OpenAi>),
}

/// As the file has it: the key is still where it is kept.
#[derive(Clone, Debug, Default)]
pub(crate) struct Written {
    agent: Agent,
    api_key: Option<SecretLine>,
}

impl Written {
    pub fn read(node: &Node<'_>, findings: &mut Findings) -> Self {
        if !node.value.is_table() {
            // A key may be in it.
            node.hide(findings);
        }
        let shape = "a table with backend = \"echo\" or \"openai\"";
        let Some(mut fields) = node.table(findings, shape) else { return Self::default() };
        let backend = match fields.take("backend") {
            Some(node) => backend(&node, findings),
            None => Some("echo"),
        };
        let written = match backend {
            Some("openai") => openai::read(&mut fields, node, findings),
            other => {
                leave(&mut fields, other, findings);
                None
            }
        };
        fields.refuse_others(findings);
        written.unwrap_or_default()
    }

    pub fn fetch(&self, source: &Source, env: Env<'_>) -> Result<(Agent, Vec<Problem>), Report> {
        let mut notes = Notes::default();
        let mut agent = self.agent.clone();
        if let (Agent::OpenAi(openai), Some(line)) = (&mut agent, &self.api_key) {
            openai.api_key = notes.secret(line, source, env);
            if openai.api_key.as_ref().is_some_and(|key| !openai::is_key(key.expose())) {
                let what = "the key has other characters than visible ASCII";
                notes.problems.add(&line.span, &line.path, what, "look for a space or a line end in it");
            }
        }
        notes.settle(agent, source)
    }
}

/// `None` for one that there is not.
fn backend(node: &Node<'_>, findings: &mut Findings) -> Option<&'static str> {
    const BACKENDS: [&str; 2] = ["echo", "openai"];
    let name = node.text(findings, "\"echo\" or \"openai\"")?;
    let known = BACKENDS.into_iter().find(|known| *known == name);
    if known.is_none() {
        node.wrong(findings, format!("there is no backend {name:?}"), nearest::hint(name, BACKENDS));
    }
    known
}

/// Keys of the other backend. Where `backend` is `None`, nobody knows whether they are wrong.
fn leave(fields: &mut Fields<'_>, backend: Option<&str>, findings: &mut Findings) {
    for node in openai::KEYS.into_iter().filter_map(|name| fields.take(name)) {
        node.hide(findings);
        if let Some(backend) = backend {
            let what = format!("backend {backend:?} has no such key");
            node.wrong(findings, what, "write backend = \"openai\", or remove the key");
        }
    }
}
