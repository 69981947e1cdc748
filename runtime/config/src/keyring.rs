//! `[keyring]`: what the keys on disk are encrypted with.
use crate::check::Env;
use crate::findings::Findings;
use crate::node::Node;
use crate::notes::Notes;
use crate::report::{Problem, Report};
use crate::secrets::SecretLine;
use crate::source::Source;
use ports::secret::Secret;

/// Each key with where it is written, such as `runtime.toml:3:9: keyring.key`.
#[derive(Clone, Debug, Default)]
pub struct KeyringSettings {
    /// `None`: the host's own, out of its state directory.
    pub key: Option<(String, Secret)>,
    /// What was written with these can still be read, and is written anew with the other.
    pub former: Vec<(String, Secret)>,
    /// Nothing that keeps it from starting.
    pub warnings: Vec<Problem>,
}

/// As the file has it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Written {
    key: Option<SecretLine>,
    former: Vec<SecretLine>,
}

const SHAPE: &str = "a table such as { key = { file = \"keyring.key\" } }";
const FORMER: &str = "a list such as [{ env = \"FORMER_KEYRING_KEY\" }]";
const KEY: &str = "{ env = \"KEYRING_KEY\" }";

impl Written {
    pub fn read(node: &Node<'_>, findings: &mut Findings) -> Self {
        if !node.value.is_table() {
            node.hide(findings);
        }
        let Some(mut fields) = node.table(findings, SHAPE) else { return Self::default() };
        let key = fields.take("key").and_then(|node| SecretLine::read(KEY, &node, findings));
        let former = fields.take("former").map(|node| {
            if !node.value.is_array() {
                node.hide(findings);
            }
            node.list(findings, FORMER)
        });
        let former = former.unwrap_or_default();
        let former = former.iter().filter_map(|node| SecretLine::read(KEY, node, findings)).collect();
        fields.refuse_others(findings);
        Self { key, former }
    }

    pub fn fetch(&self, source: &Source, env: Env<'_>) -> Result<KeyringSettings, Report> {
        let mut notes = Notes::default();
        let mut fetch = |line: &SecretLine| Some((source.place(line), notes.secret(line, source, env)?));
        let key = self.key.as_ref().and_then(&mut fetch);
        let former = self.former.iter().filter_map(fetch).collect();
        let ((key, former), warnings) = notes.settle((key, former), source)?;
        Ok(KeyringSettings { key, former, warnings })
    }
}
