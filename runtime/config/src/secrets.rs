//! `secrets.<name> = { env = … }` or `{ file = … }`: where a secret's value is, and fetching it.
use crate::check::Env;
use crate::findings::Findings;
use crate::node::{Node, Said};
use crate::regular_file;
use crate::source::Span;
use crate::toml_text;
use ports::secret::{MAX_SECRET_BYTES, Secret};
use std::collections::BTreeMap;
use std::fs::Metadata;
use std::path::Path;
use toml::de::DeValue;

mod env_name;

use env_name::EnvName;

pub(crate) type SecretLine = Said<Origin>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    Env(EnvName),
    /// A relative one is read from the folder of the configuration.
    File(String),
}

/// A value, and what is to be warned of.
pub(crate) struct Fetched {
    pub value: Secret,
    pub warning: Option<String>,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum Unfetched {
    /// To be set; not wrong.
    #[error("{0}")]
    Missing(String),
    #[error("{0}")]
    Wrong(String),
}

pub(crate) fn read(
    connector: &str,
    node: &Node<'_>,
    findings: &mut Findings,
) -> BTreeMap<String, SecretLine> {
    // Whatever stands here and is no reference may be a secret.
    let shape = "a table such as { token = { env = \"TOKEN\" } }";
    if !node.value.is_table() {
        node.hide(findings);
    }
    let Some(fields) = node.table(findings, shape) else { return BTreeMap::new() };
    let line = |(name, _, node): (&str, Span, Node<'_>)| {
        Some((name.to_owned(), SecretLine::read(&suggestion(connector, name), &node, findings)?))
    };
    fields.all().filter_map(line).collect()
}

impl SecretLine {
    /// `suggestion` is a reference to write, shown to one who wrote none.
    pub fn read(suggestion: &str, node: &Node<'_>, findings: &mut Findings) -> Option<Self> {
        Some(node.said(origin(suggestion, node, findings)?))
    }
}

/// A reference to write for this secret. Both names are the connector's choice: without a prefix of ours, `openai` and
/// `apiKey` would lead to `OPENAI_API_KEY`, which is set on many machines for something else.
pub(crate) fn suggestion(connector: &str, name: &str) -> String {
    let mut env = String::from("connector_");
    for c in format!("{connector}_{name}").chars() {
        match c {
            c if c.is_ascii_uppercase() && env.ends_with(|last: char| last.is_ascii_lowercase()) => {
                env.extend(['_', c]);
            }
            c if c.is_ascii_alphanumeric() => env.push(c),
            _ => env.push('_'),
        }
    }
    format!("{{ env = \"{}\" }}", env.to_ascii_uppercase())
}

fn origin(suggestion: &str, node: &Node<'_>, findings: &mut Findings) -> Option<Origin> {
    let help = format!("write {suggestion} or {{ file = \"/run/secrets/…\" }}");
    if !matches!(node.value, DeValue::Table(_)) {
        node.hide(findings);
        node.wrong(findings, "a secret's value does not belong in this file", help);
        return None;
    }
    let mut fields = node.table(findings, suggestion)?;
    let env = fields.take("env");
    let file = fields.take("file");
    for node in [&env, &file].into_iter().flatten().filter(|node| !node.value.is_str()) {
        node.hide(findings);
    }
    let name = env.as_ref().and_then(|node| EnvName::parse(node.value.as_str()?));
    if let Some(env) =
        env.as_ref().filter(|node| node.value.is_str() && !name.as_ref().is_some_and(EnvName::is_usual))
    {
        // It may be the value itself: not shown, whatever is wrong with its line.
        env.hide_for_good(findings);
    }
    fields.refuse_others(findings);
    match (env, file) {
        (Some(env), None) => {
            env.text(findings, "the name of an environment variable")?;
            if name.is_none() {
                let what = "not the name of an environment variable";
                env.wrong(findings, what, format!("letters, digits and '_' only, such as {suggestion}"));
                return None;
            }
            name.map(Origin::Env)
        }
        (None, Some(file)) => {
            let path = file.text(findings, "the path of a file")?;
            if path.contains("-----BEGIN") {
                file.hide(findings);
                let what = "a secret's value does not belong in this file";
                file.wrong(findings, what, "write the path of a file that holds it");
                return None;
            }
            if path.is_empty() || path.contains('\0') {
                file.wrong(findings, "not the path of a file", "write one such as \"/run/secrets/token\"");
                return None;
            }
            Some(Origin::File(path.into()))
        }
        (Some(_), Some(_)) => {
            node.wrong(findings, "both env and file", "keep one of them");
            None
        }
        (None, None) => {
            node.wrong(findings, "neither env nor file", help);
            None
        }
    }
}

impl Origin {
    /// # Errors
    /// [`Unfetched`]; no part of the value is in it.
    pub fn fetch(&self, folder: &Path, env: Env<'_>) -> Result<Fetched, Unfetched> {
        match self {
            Self::Env(name) => {
                let value = env(name.as_str()).map(Secret::new).filter(|value| !value.expose().is_empty());
                let missing = || Unfetched::Missing(name.unset());
                let value = value.ok_or_else(missing)?;
                if value.expose().len() > MAX_SECRET_BYTES {
                    let what = format!("is over the limit of {MAX_SECRET_BYTES} bytes");
                    return Err(Unfetched::Wrong(format!("environment variable {} {what}", name.as_str())));
                }
                Ok(Fetched { value, warning: None })
            }
            Self::File(name) => from_file(name, &folder.join(name)),
        }
    }
}

/// A secret out of its file, checked as at the start: for a file that changed.
///
/// # Errors
/// Why there is none, with the file's name and no part of its content.
pub fn read_secret(path: &Path) -> Result<Secret, String> {
    match from_file(&path.display().to_string(), path) {
        Ok(Fetched { value, .. }) => Ok(value),
        Err(unfetched) => Err(unfetched.to_string()),
    }
}

fn from_file(name: &str, path: &Path) -> Result<Fetched, Unfetched> {
    let shown = format!("file {}", toml_text::string(name));
    let (bytes, meta) = regular_file::read(&shown, path, MAX_SECRET_BYTES)?;
    let text = std::str::from_utf8(&bytes).map_err(|_| Unfetched::Wrong(format!("{shown} is not UTF-8")))?;
    let text = text.strip_suffix('\n').map_or(text, |line| line.strip_suffix('\r').unwrap_or(line));
    if text.is_empty() {
        return Err(Unfetched::Missing(format!("{shown} is empty")));
    }
    let warning = is_open(&meta).then(|| format!("{shown} can be read by other users"));
    Ok(Fetched { value: Secret::new(text.to_owned()), warning })
}

#[cfg(unix)]
fn is_open(meta: &Metadata) -> bool {
    std::os::unix::fs::PermissionsExt::mode(&meta.permissions()) & 0o077 != 0
}

#[cfg(not(unix))]
fn is_open(_: &Metadata) -> bool {
    false
}
