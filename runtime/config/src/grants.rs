//! `grants`: what the operator gives.
use crate::findings::Findings;
use crate::node::{Fields, Node, Said};
use ipnet::IpNet;
use ports::reach::UrlRule;
use ports::secret::Entry;
use std::collections::BTreeMap;
use std::net::IpAddr;

mod entry;

/// What is `None` or has no entry, the operator has not spoken of.
#[derive(Clone, Debug, Default)]
pub(crate) struct Grants {
    /// The digest of a request: what else is not spoken of is given as that asks for it.
    pub approved: Option<Said<String>>,
    pub capabilities: Option<Said<Vec<Said<String>>>>,
    pub urls: Option<Vec<UrlRule>>,
    pub private: Vec<Said<IpNet>>,
    /// Only ever out of the file: no connector asks for it, so no approval can give it.
    pub owner: bool,
    /// Without values.
    pub secrets: BTreeMap<String, Said<Entry>>,
}

const SHAPE: &str = "a table with approved, or with capabilities, urls and secrets; and private, owner";
const DIGEST: &str = "\"sha256:…\" as `runtime inspect <component>` shows it";
const NAMES: &str = "a list of names, such as [\"agent\", \"http\"]";
const RULES: &str = "a list of rules, such as [\"GET https://api.example.com/v1/*\"]";
const RANGES: &str = "a list of address ranges, such as [\"10.0.0.0/8\"]";

impl Grants {
    pub fn read(node: &Node<'_>, findings: &mut Findings) -> Option<Self> {
        let mut fields = node.table(findings, SHAPE)?;
        let mut grants = Self::default();
        if let Some(node) = fields.take("approved") {
            grants.approved = digest(&node, findings);
        }
        if let Some(node) = fields.take("capabilities") {
            let names = node.list(findings, NAMES);
            grants.capabilities =
                Some(node.said(names.iter().filter_map(|node| capability(node, findings)).collect()));
        }
        if let Some(node) = fields.take("urls") {
            let rules = node.list(findings, RULES);
            grants.urls = Some(rules.iter().filter_map(|node| rule(node, findings)).collect());
        }
        if let Some(node) = fields.take("private") {
            let ranges = node.list(findings, RANGES);
            grants.private = ranges.iter().filter_map(|node| range(node, findings)).collect();
        }
        if let Some(node) = fields.take("owner") {
            grants.owner = node.boolean(findings).unwrap_or_default();
        }
        let secrets = fields.take("secrets").and_then(|node| node.table(findings, entry::SHAPE));
        for (name, _, node) in secrets.into_iter().flat_map(Fields::all) {
            let mut given = Entry::default();
            for node in node.list(findings, entry::SHAPE) {
                entry::read(&node, &mut given, findings);
            }
            grants.secrets.insert(name.into(), node.said(given));
        }
        if let Some(node) = fields.take_former("requested") {
            let what = "would give whatever a new version asks for, and is not known any more";
            node.wrong(findings, what, format!("write approved = {DIGEST}"));
        }
        fields.refuse_others(findings);
        Some(grants)
    }
}

fn digest(node: &Node<'_>, findings: &mut Findings) -> Option<Said<String>> {
    let text = node.text(findings, DIGEST)?;
    let is_hex = |hex: &str| hex.len() == 64 && hex.bytes().all(|b| b"0123456789abcdef".contains(&b));
    match text.strip_prefix("sha256:").is_some_and(is_hex) {
        true => Some(node.said(text.into())),
        false => {
            node.wrong(findings, "not the digest of a request", format!("write {DIGEST}"));
            None
        }
    }
}

fn capability(node: &Node<'_>, findings: &mut Findings) -> Option<Said<String>> {
    let name = node.text(findings, "the name of an interface, such as \"http\"")?;
    let is_plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if name.is_empty() || !name.bytes().all(is_plain) {
        let what = format!("{name:?} is not the name of an interface");
        node.wrong(findings, what, "write one such as \"http\"");
        return None;
    }
    Some(node.said(name.into()))
}

/// One line of an allow-list.
fn rule(node: &Node<'_>, findings: &mut Findings) -> Option<UrlRule> {
    let text = node.text(findings, "a rule, such as \"GET https://api.example.com/v1/*\"")?;
    let rule = text.parse::<UrlRule>();
    match rule {
        // What is left out of the report may be a password or a token.
        Err(_) if text.contains(['@', '?']) => {
            node.hide(findings);
            let help = "write the URL without; for a secret there is grants.secrets";
            node.wrong(findings, "a rule has no user name, password or query", help);
            None
        }
        Err(_) if text.contains('{') => {
            let what = format!("{text:?} is a connector's template");
            node.wrong(findings, what, "write the URL itself, without {…}");
            None
        }
        Err(bad) => {
            node.wrong(findings, bad.to_string(), "");
            None
        }
        Ok(rule) => Some(rule),
    }
}

fn range(node: &Node<'_>, findings: &mut Findings) -> Option<Said<IpNet>> {
    let text = node.text(findings, "an address range, such as \"10.0.0.0/8\"")?;
    let what = format!("{text:?} is not an address range");
    match (text.parse::<IpNet>(), text.parse::<IpAddr>()) {
        (Ok(net), _) if net.trunc() == net => return Some(node.said(net)),
        (Ok(net), _) => node.wrong(findings, what, format!("write \"{}\"", net.trunc())),
        (_, Ok(address)) => node.wrong(findings, what, format!("write \"{}\"", IpNet::from(address))),
        _ => node.wrong(findings, what, "write one such as \"127.0.0.0/8\" or \"fd00::/8\""),
    }
    None
}
