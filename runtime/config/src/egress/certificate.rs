//! `[[….egress.certificates]]`: who we are to hosts that ask for a client's certificate.
use super::{host, pem};
use crate::check::Env;
use crate::findings::Findings;
use crate::node::{Node, Said};
use crate::notes::Notes;
use crate::secrets::SecretLine;
use crate::source::Source;
use ports::secret::Secret;
use std::collections::BTreeSet;

/// A certificate and its key, for these hosts and no others.
#[derive(Clone, Debug)]
pub struct ClientCertificate {
    /// Where it is written, for the errors of whoever parses it.
    pub place: String,
    /// Names or addresses, exact, as `CheckedUrl` spells them.
    pub hosts: Vec<String>,
    /// PEM: the certificate, then those between it and a root.
    pub certificate: Vec<u8>,
    /// PEM.
    pub key: Secret,
}

#[derive(Clone, Debug)]
pub(super) struct Written {
    at: Said<()>,
    hosts: Vec<String>,
    certificate: Said<String>,
    key: SecretLine,
}

const SHAPE: &str = "[[…]] tables, each with hosts, certificate and key";
const HOSTS: &str = "[\"api.example.com\"]";
const CERTIFICATE: &str = "\"client.pem\"";
const KEY: &str = "{ file = \"client.key\" }";
const ANOTHER_KEY: &str = "{ env = \"CLIENT_KEY\" }";

pub(super) fn list(node: &Node<'_>, findings: &mut Findings) -> Vec<Written> {
    let mut taken = BTreeSet::new();
    let nodes = node.list(findings, SHAPE);
    nodes.iter().filter_map(|node| Written::read(node, &mut taken, findings)).collect()
}

impl Written {
    fn read(node: &Node<'_>, taken: &mut BTreeSet<String>, findings: &mut Findings) -> Option<Self> {
        let mut fields = node.table(findings, SHAPE)?;
        let named = fields.required("hosts", HOSTS, node, findings);
        let hosts = named.map(|node| hosts(&node, taken, findings));
        let certificate = fields.required("certificate", CERTIFICATE, node, findings);
        let certificate = certificate.and_then(|node| pem::path(&node, findings));
        let key = fields.required("key", KEY, node, findings);
        let key = key.and_then(|node| SecretLine::read(ANOTHER_KEY, &node, findings));
        fields.refuse_others(findings);
        Some(Self { at: node.said(()), hosts: hosts?, certificate: certificate?, key: key? })
    }

    pub fn fetch(&self, source: &Source, env: Env<'_>, notes: &mut Notes) -> Option<ClientCertificate> {
        let certificate = pem::fetch(&self.certificate, source, notes);
        let key = notes.secret(&self.key, source, env);
        Some(ClientCertificate {
            place: format!("{} ({})", source.place(&self.at), self.certificate.value),
            hosts: self.hosts.clone(),
            certificate: certificate?.bytes,
            key: key?,
        })
    }
}

/// `taken` has those of the certificates before.
fn hosts(node: &Node<'_>, taken: &mut BTreeSet<String>, findings: &mut Findings) -> Vec<String> {
    let shape = format!("a list of hosts, such as {HOSTS}");
    let items = node.list(findings, &shape);
    if items.is_empty() && node.value.is_array() {
        node.wrong(findings, "no host", format!("write {shape}"));
    }
    let one = |node: &Node<'_>| -> Option<String> {
        let text = node.text(findings, "the name of a host, such as \"api.example.com\"")?;
        match host::check(text) {
            Err((what, help)) => node.wrong(findings, what, help),
            Ok(_) if !taken.insert(text.into()) => {
                node.wrong(findings, format!("{text:?} has a certificate already"), "keep one of them");
            }
            Ok(_) => return Some(text.into()),
        }
        None
    };
    items.iter().filter_map(one).collect()
}
