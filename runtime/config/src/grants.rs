//! `grants`: what the operator gives.
use crate::findings::Findings;
use crate::json::Located;
use crate::node::{Fields, Node};
use crate::source::Span;
use ipnet::IpNet;
use ports::json_test::JsonTest;
use ports::reach::UrlRule;
use ports::secret::{At, Place};
use std::collections::BTreeMap;
use std::net::IpAddr;

#[derive(Clone, Debug, Default)]
pub(crate) struct Grants {
    /// Whatever the connector asks for.
    pub requested: bool,
    /// `None`: the operator has not spoken of it.
    pub urls: Option<Vec<UrlRule>>,
    pub private: Vec<(IpNet, Span, String)>,
    pub secrets: BTreeMap<String, SecretGrant>,
}

#[derive(Clone, Debug)]
pub(crate) struct SecretGrant {
    pub places: Vec<Place>,
    pub path: String,
    pub span: Span,
}

const RULES: &str = "a list of rules, such as [\"GET https://api.example.com/v1/*\"]";
const RANGES: &str = "a list of address ranges, such as [\"10.0.0.0/8\"]";
const PLACES: &str = "[[…]] tables, each with url and at";
const AT: &str = "one of { header = \"authorization\" }, { query = \"key\" }, { json = \"/token\" }";
const WHEN: &str = "a list of tests, such as [{ pointer = \"/type\", equals = \"auth\" }]";

impl Grants {
    pub fn read(node: &Node<'_>, findings: &mut Findings) -> Option<Self> {
        let mut fields = node.table(findings, "a table with urls, private, secrets or requested")?;
        let mut grants = Self::default();
        if let Some(node) = fields.take("requested") {
            grants.requested = node.boolean(findings).unwrap_or_default();
        }
        if let Some(node) = fields.take("urls") {
            let rules = node.list(findings, RULES);
            grants.urls = Some(rules.iter().filter_map(|node| rule(node, findings)).collect());
        }
        if let Some(node) = fields.take("private") {
            let ranges = node.list(findings, RANGES);
            grants.private = ranges.iter().filter_map(|node| range(node, findings)).collect();
        }
        let secrets = fields.take("secrets").and_then(|node| node.table(findings, PLACES));
        for (name, _, node) in secrets.into_iter().flat_map(Fields::all) {
            let places = node.list(findings, PLACES);
            let places = places.iter().filter_map(|node| place(node, findings)).collect();
            let grant = SecretGrant { places, path: node.path, span: node.span };
            grants.secrets.insert(name.into(), grant);
        }
        fields.refuse_others(findings);
        Some(grants)
    }
}

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

fn range(node: &Node<'_>, findings: &mut Findings) -> Option<(IpNet, Span, String)> {
    let text = node.text(findings, "an address range, such as \"10.0.0.0/8\"")?;
    let what = format!("{text:?} is not an address range");
    match (text.parse::<IpNet>(), text.parse::<IpAddr>()) {
        (Ok(net), _) if net.trunc() == net => return Some((net, node.span.clone(), node.path.clone())),
        (Ok(net), _) => node.wrong(findings, what, format!("write \"{}\"", net.trunc())),
        (_, Ok(address)) => node.wrong(findings, what, format!("write \"{}\"", IpNet::from(address))),
        _ => node.wrong(findings, what, "write one such as \"127.0.0.0/8\" or \"fd00::/8\""),
    }
    None
}

fn place(node: &Node<'_>, findings: &mut Findings) -> Option<Place> {
    let mut fields = node.table(findings, PLACES)?;
    let url = fields.required("url", "\"https://api.example.com/v1/*\"", node, findings);
    let url = url.and_then(|node| rule(&node, findings));
    let at = fields.required("at", "{ header = \"authorization\" }", node, findings);
    let at = at.and_then(|node| spot(&node, findings));
    let tests = fields.take("when").map(|node| node.list(findings, WHEN)).unwrap_or_default();
    let when = tests.iter().filter_map(|node| test(node, findings)).collect();
    fields.refuse_others(findings);
    Some(Place { url: url?, at: at?, when })
}

fn spot(node: &Node<'_>, findings: &mut Findings) -> Option<At> {
    let mut fields = node.table(findings, AT)?;
    let (header, query, json) = (fields.take("header"), fields.take("query"), fields.take("json"));
    fields.refuse_others(findings);
    let shape = "a string";
    match (header, query, json) {
        (Some(node), None, None) => {
            let name = node.text(findings, shape)?;
            let plain =
                |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"!#$%&'*+-.^_`|~".contains(&b);
            if name.is_empty() || !name.bytes().all(plain) {
                let help = "write it in lower case, such as \"authorization\"";
                node.wrong(findings, format!("{name:?} is not the name of a header"), help);
                return None;
            }
            Some(At::Header(name.into()))
        }
        (None, Some(node), None) => {
            let key = node.text(findings, shape)?;
            if key.is_empty() {
                node.wrong(findings, "an empty query key", "write the key's name");
                return None;
            }
            Some(At::Query(key.into()))
        }
        (None, None, Some(node)) => {
            // The whole document can't be a secret: the host writes into JSON that the guest wrote.
            let text = pointer(&node, findings)?;
            if text.is_empty() {
                node.wrong(findings, "the whole document", "point at one value, such as \"/token\"");
                return None;
            }
            Some(At::Json(text.into()))
        }
        _ => {
            node.wrong(findings, "not one place", format!("write {AT}"));
            None
        }
    }
}

fn test(node: &Node<'_>, findings: &mut Findings) -> Option<JsonTest> {
    let mut fields = node.table(findings, "a test, such as { pointer = \"/type\", equals = \"auth\" }")?;
    let at = fields.required("pointer", "\"/type\"", node, findings);
    let at = at.and_then(|node| pointer(&node, findings));
    let equals = fields.required("equals", "\"auth\"", node, findings);
    let equals = equals.map(|node| Located::read(&node, findings).value);
    fields.refuse_others(findings);
    Some(JsonTest { pointer: at?.into(), equals: equals? })
}

fn pointer<'a>(node: &Node<'a>, findings: &mut Findings) -> Option<&'a str> {
    let text = node.text(findings, "a JSON pointer, such as \"/token\"")?;
    let escaped = text.split('~').skip(1).all(|after| after.starts_with(['0', '1']));
    if !escaped || !(text.is_empty() || text.starts_with('/')) {
        let help = "write one such as \"/token\"; '~' is ~0 and '/' in a key is ~1";
        node.wrong(findings, format!("{text:?} is not a JSON pointer"), help);
        return None;
    }
    Some(text)
}
