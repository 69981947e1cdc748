//! Files with certificates, handed on as they are: who uses them parses them.
use crate::findings::Findings;
use crate::node::{Node, Said};
use crate::notes::Notes;
use crate::regular_file;
use crate::source::Source;
use crate::toml_text;
use std::fmt;

/// Largest file in bytes. The public roots of the web together are 220 KiB.
const MAX_PEM_BYTES: usize = 1 << 20;

/// The content of a file.
#[derive(Clone, PartialEq, Eq)]
pub struct Pem {
    /// Where it is named, for the errors of whoever parses it:
    /// `runtime.toml:3:9: egress.roots[0] (corp-ca.pem)`.
    pub place: String,
    pub bytes: Vec<u8>,
}

impl fmt::Debug for Pem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pem({}, {} bytes)", self.place, self.bytes.len())
    }
}

pub(super) fn list(node: &Node<'_>, findings: &mut Findings) -> Vec<Said<String>> {
    let nodes = node.list(findings, "a list of PEM files, such as [\"corp-ca.pem\"]");
    nodes.iter().filter_map(|node| path(node, findings)).collect()
}

pub(super) fn path(node: &Node<'_>, findings: &mut Findings) -> Option<Said<String>> {
    let text = node.text(findings, "the path of a PEM file, such as \"corp-ca.pem\"")?;
    if text.contains("-----BEGIN") {
        // Who pastes a certificate may have pasted its key.
        node.hide(findings);
        node.wrong(
            findings,
            "PEM text does not belong in this file",
            "write the path of a file that holds it",
        );
        return None;
    }
    if text.is_empty() || text.contains('\0') {
        node.wrong(findings, "not the path of a file", "write one such as \"corp-ca.pem\"");
        return None;
    }
    Some(node.said(text.into()))
}

/// Relative paths are read from the folder of the configuration.
pub(super) fn fetch(line: &Said<String>, source: &Source, notes: &mut Notes) -> Option<Pem> {
    let shown = format!("file {}", toml_text::string(&line.value));
    match regular_file::read(&shown, &source.folder().join(&line.value), MAX_PEM_BYTES) {
        Ok((mut bytes, _)) => {
            let place = format!("{} ({})", source.place(line), line.value);
            Some(Pem { place, bytes: std::mem::take(&mut *bytes) })
        }
        Err(unfetched) => {
            notes.unfetched(line, unfetched);
            None
        }
    }
}
