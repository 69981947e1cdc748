//! `[egress]` and `egress` of an account: how connections leave the machine.
use crate::check::Env;
use crate::findings::Findings;
use crate::node::{Fields, Node, Said};
use crate::notes::Notes;
use crate::report::{Problem, Report};
use crate::source::{Source, Span};
use ipnet::IpNet;
use std::collections::BTreeMap;
use std::net::IpAddr;

mod certificate;
mod host;
mod instance;
mod pem;
mod proxy;

pub use certificate::ClientCertificate;
pub(crate) use instance::Written as OfAccount;
pub use pem::Pem;
pub use proxy::{ProxyChoice, ProxyNames, ProxySettings};

/// Of every connection.
#[derive(Clone, Debug, Default)]
pub struct Egress {
    /// Trusted besides the public ones.
    pub roots: Vec<Pem>,
    /// Names that the operator resolves, lower-case.
    pub hosts: BTreeMap<String, Vec<IpAddr>>,
    pub proxy: Option<ProxySettings>,
}

/// Of one instance's connections.
#[derive(Clone, Debug, Default)]
pub struct InstanceEgress {
    /// Closed address ranges that it may dial all the same.
    pub private: Vec<IpNet>,
    /// Trusted besides those of [`Egress`].
    pub roots: Vec<Pem>,
    pub proxy: ProxyChoice,
    pub certificates: Vec<ClientCertificate>,
}

/// As the file has it: what stands in other files is not read yet.
#[derive(Clone, Debug, Default)]
pub(crate) struct Written {
    roots: Vec<Said<String>>,
    hosts: BTreeMap<String, Vec<IpAddr>>,
    proxy: Option<proxy::Written>,
}

const SHAPE: &str = "a table with roots, hosts or proxy";
const HOSTS: &str = "a table such as { \"api.example.test\" = [\"10.1.2.3\"] }";
const ADDRESSES: &str = "a list of addresses, such as [\"10.1.2.3\"]";

impl Written {
    pub fn read(node: &Node<'_>, findings: &mut Findings) -> Self {
        if !node.value.is_table() {
            // A proxy's password may be in it.
            node.hide(findings);
        }
        let Some(mut fields) = node.table(findings, SHAPE) else { return Self::default() };
        let roots = fields.take("roots").map(|node| pem::list(&node, findings)).unwrap_or_default();
        let hosts = fields.take("hosts").and_then(|node| node.table(findings, HOSTS));
        let hosts = hosts.into_iter().flat_map(Fields::all);
        let hosts = hosts.filter_map(|(name, key, node)| addresses(name, &key, &node, findings)).collect();
        let proxy = fields.take("proxy").and_then(|node| proxy::Written::read(&node, findings));
        fields.refuse_others(findings);
        Self { roots, hosts, proxy }
    }

    pub fn fetch(&self, source: &Source, env: Env<'_>) -> Result<(Egress, Vec<Problem>), Report> {
        let mut notes = Notes::default();
        let roots = self.roots.iter().filter_map(|line| pem::fetch(line, source, &mut notes)).collect();
        let proxy = self.proxy.as_ref().and_then(|proxy| proxy.fetch(source, env, &mut notes));
        if let Some(proxy) = self.proxy.as_ref().filter(|_| !self.hosts.is_empty()) {
            proxy.warn_of_hosts(&mut notes);
        }
        notes.settle(Egress { roots, hosts: self.hosts.clone(), proxy }, source)
    }
}

fn addresses(
    name: &str,
    key: &Span,
    node: &Node<'_>,
    findings: &mut Findings,
) -> Option<(String, Vec<IpAddr>)> {
    match host::check(name) {
        Ok(host::Kind::Name) => {}
        Ok(host::Kind::Address) => {
            findings.add(key, &node.path, "an address needs no other", "name a host, or remove it");
        }
        Err((what, help)) => findings.add(key, &node.path, what, help),
    }
    let items = node.list(findings, ADDRESSES);
    if items.is_empty() && node.value.is_array() {
        node.wrong(findings, "no address", format!("write {ADDRESSES}, or remove the name"));
    }
    let address = |node: &Node<'_>| -> Option<IpAddr> {
        let text = node.text(findings, "an address, such as \"10.1.2.3\"")?;
        let address = text.parse().ok();
        if address.is_none() {
            let what = format!("{text:?} is not an address");
            node.wrong(findings, what, "write one such as \"10.1.2.3\" or \"fd00::1\"");
        }
        address
    };
    Some((name.into(), items.iter().filter_map(address).collect()))
}
