//! The way down the file: which keys there are, and who reads them.
use crate::account::{Account, Surroundings};
use crate::agent;
use crate::compiler::{self, CompilerSettings};
use crate::doors;
use crate::egress;
use crate::file::Connector;
use crate::findings::Findings;
use crate::keyring;
use crate::limits;
use crate::node::{Fields, Node};
use crate::source::Source;
use crate::telemetry;
use ports::identity::{DEFAULT_TENANT, InstanceId};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use toml::de::DeTable;

/// All that the file says.
#[derive(Clone, Debug, Default)]
pub(crate) struct Walked {
    pub agent: agent::Written,
    pub compiler: CompilerSettings,
    pub doors: doors::Written,
    pub egress: egress::Written,
    pub keyring: keyring::Written,
    pub limits: limits::Written,
    pub telemetry: Option<SocketAddr>,
    pub connectors: BTreeMap<String, Connector>,
}

pub(crate) fn walk(source: &Arc<Source>, root: &DeTable<'_>, findings: &mut Findings) -> Walked {
    let mut fields = Fields::new(String::new(), root);
    let mut walked = Walked::default();
    if let Some(node) = fields.take("agent") {
        walked.agent = agent::Written::read(&node, findings);
    }
    if let Some(node) = fields.take("compiler") {
        walked.compiler = compiler::read(&node, findings);
    }
    if let Some(node) = fields.take("egress") {
        walked.egress = egress::Written::read(&node, findings);
    }
    if let Some(node) = fields.take("events") {
        walked.doors.read_events(&node, findings);
    }
    if let Some(node) = fields.take("mcp") {
        walked.doors.read_mcp(&node, findings);
    }
    if let Some(node) = fields.take("keyring") {
        walked.keyring = keyring::Written::read(&node, findings);
    }
    if let Some(node) = fields.take("limits") {
        walked.limits = limits::Written::read(source, &node, findings);
    }
    if let Some(node) = fields.take("telemetry") {
        walked.telemetry = telemetry::read(&node, findings);
    }
    let shape = "[connectors.<id>.accounts.<name>] tables";
    if let Some(nodes) = fields.take("connectors").and_then(|node| node.table(findings, shape)) {
        for (name, span, node) in nodes.all() {
            if let Err(bad) = InstanceId::new(DEFAULT_TENANT, name, "default") {
                // Nobody reads what is in it.
                node.hide(findings);
                findings.add(&span, &node.path, bad.to_string(), "write the id that `runtime inspect` shows");
                continue;
            }
            let connector = connector(source, name, &node, &walked.limits, findings);
            walked.connectors.insert(name.into(), connector);
        }
    }
    fields.refuse_others(findings);
    walked
}

fn connector(
    source: &Arc<Source>,
    name: &str,
    node: &Node<'_>,
    limits: &limits::Written,
    findings: &mut Findings,
) -> Connector {
    let mut connector =
        Connector { enabled: true, path: node.path.clone(), span: node.span.clone(), accounts: Vec::new() };
    let Some(mut fields) = node.table(findings, "a table with accounts") else { return connector };
    if let Some(node) = fields.take("enabled") {
        connector.enabled = node.boolean(findings).unwrap_or(true);
    }
    let accounts = fields.take("accounts").and_then(|node| node.table(findings, "a table of accounts"));
    for (account, _, node) in accounts.into_iter().flat_map(Fields::all) {
        let around = Surroundings { source, connector: name, limits };
        connector.accounts.extend(Account::read(&around, account, &node, findings));
    }
    fields.refuse_others(findings);
    connector
}
