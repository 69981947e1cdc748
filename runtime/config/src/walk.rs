//! The way down the file: which keys there are, and who reads them.
use crate::account::{Account, Surroundings};
use crate::file::{Agent, Connector};
use crate::findings::Findings;
use crate::limits::Limits;
use crate::nearest;
use crate::node::{Fields, Node};
use crate::source::Source;
use ports::identity::{DEFAULT_TENANT, InstanceId};
use std::collections::BTreeMap;
use std::sync::Arc;
use toml::de::DeTable;

#[derive(Default)]
pub(crate) struct Walked {
    pub agent: Agent,
    pub limits: Limits,
    pub connectors: BTreeMap<String, Connector>,
}

pub(crate) fn walk(source: &Arc<Source>, root: &DeTable<'_>, findings: &mut Findings) -> Walked {
    let mut fields = Fields::new(String::new(), root);
    let mut walked = Walked::default();
    if let Some(node) = fields.take("agent") {
        walked.agent = agent(&node, findings);
    }
    if let Some(node) = fields.take("limits") {
        walked.limits = walked.limits.overridden(&node, findings);
    }
    let shape = "[connectors.<id>.accounts.<name>] tables";
    if let Some(nodes) = fields.take("connectors").and_then(|node| node.table(findings, shape)) {
        for (name, span, node) in nodes.all() {
            if let Err(bad) = InstanceId::new(DEFAULT_TENANT, name, "default") {
                findings.add(&span, &node.path, bad.to_string(), "write the id that `runtime inspect` shows");
                continue;
            }
            let connector = connector(source, name, &node, walked.limits, findings);
            walked.connectors.insert(name.into(), connector);
        }
    }
    fields.refuse_others(findings);
    walked
}

fn agent(node: &Node<'_>, findings: &mut Findings) -> Agent {
    let shape = "backend = \"echo\"";
    let Some(mut fields) = node.table(findings, shape) else { return Agent::Echo };
    if let Some(node) = fields.take("backend")
        && let Some(name) = node.text(findings, "\"echo\"")
        && name != "echo"
    {
        let what = format!("there is no backend {name:?}");
        node.wrong(findings, what, nearest::hint(name, ["echo"]));
    }
    fields.refuse_others(findings);
    Agent::Echo
}

fn connector(
    source: &Arc<Source>,
    name: &str,
    node: &Node<'_>,
    limits: Limits,
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
