//! `egress` of one account.
use super::{InstanceEgress, ProxyChoice, certificate, pem, proxy};
use crate::check::Env;
use crate::findings::Findings;
use crate::node::{Node, Said};
use crate::notes::Notes;
use crate::source::Source;

/// As the file has it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Written {
    roots: Vec<Said<String>>,
    proxy: Choice,
    certificates: Vec<certificate::Written>,
}

#[derive(Clone, Debug, Default)]
enum Choice {
    #[default]
    Inherited,
    None,
    Own(Box<proxy::Written>),
}

const SHAPE: &str = "a table with roots, proxy or certificates";

impl Written {
    pub fn read(node: &Node<'_>, findings: &mut Findings) -> Self {
        if !node.value.is_table() {
            // A proxy's password may be in it.
            node.hide(findings);
        }
        let Some(mut fields) = node.table(findings, SHAPE) else { return Self::default() };
        let roots = fields.take("roots").map(|node| pem::list(&node, findings)).unwrap_or_default();
        let proxy = fields.take("proxy").map(|node| choice(&node, findings)).unwrap_or_default();
        let certificates = fields.take("certificates");
        let certificates = certificates.map(|node| certificate::list(&node, findings)).unwrap_or_default();
        if let Some(node) = fields.take_former("private") {
            node.wrong(findings, "closed addresses are granted", "write grants.private instead");
        }
        fields.refuse_others(findings);
        Self { roots, proxy, certificates }
    }

    /// Without the address ranges, which are granted.
    pub fn fetch(&self, source: &Source, env: Env<'_>, notes: &mut Notes) -> InstanceEgress {
        let roots = self.roots.iter().filter_map(|line| pem::fetch(line, source, notes)).collect();
        let proxy = match &self.proxy {
            Choice::Inherited => ProxyChoice::Inherited,
            Choice::None => ProxyChoice::None,
            // What cannot be had is noted, and then nothing starts.
            Choice::Own(own) => own.fetch(source, env, notes).map_or(ProxyChoice::None, ProxyChoice::Own),
        };
        let certificates = self.certificates.iter();
        let certificates = certificates.filter_map(|written| written.fetch(source, env, notes)).collect();
        InstanceEgress { private: Vec::new(), roots, proxy, certificates }
    }
}

fn choice(node: &Node<'_>, findings: &mut Findings) -> Choice {
    match node.value.as_bool() {
        Some(false) => Choice::None,
        Some(true) => {
            node.wrong(
                findings,
                "true names no proxy",
                "write its table, or leave it out for that of [egress]",
            );
            Choice::None
        }
        None => proxy::Written::read(node, findings).map_or(Choice::None, |own| Choice::Own(Box::new(own))),
    }
}
