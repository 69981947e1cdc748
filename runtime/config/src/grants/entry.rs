//! `grants.secrets.<name>`: entries of four kinds, each one thing that may be done with the secret.
use super::rule;
use crate::findings::Findings;
use crate::json::Located;
use crate::node::{Fields, Node};
use ports::json_test::JsonTest;
use ports::reach::UrlRule;
use ports::secret::{At, Capture, Entry, Place};

pub(super) const SHAPE: &str = "[[…]] tables, each with url and at, url and capture, sign, or authenticate";
const ONE: &str = "write an entry for each: { url, at }, { url, capture }, { sign } or { authenticate }";
const URL: &str = "\"https://api.example.com/v1/*\"";
const AT: &str = "one of { header = \"authorization\" }, { query = \"key\" }, { json = \"/token\" }";
const CAPTURE: &str = "one of { header = \"x-token\" }, { json = \"/token\" }";
const WHEN: &str = "a list of tests, such as [{ pointer = \"/type\", equals = \"auth\" }]";

/// Longest name of a key in bytes, as `crypto.wit` has it.
const MAX_KEY_BYTES: usize = 64;

/// Adds what the entry gives.
pub(super) fn read(node: &Node<'_>, given: &mut Entry, findings: &mut Findings) -> Option<()> {
    let mut fields = node.table(findings, SHAPE)?;
    let (at, capture) = (fields.take("at"), fields.take("capture"));
    let (sign, authenticate) = (fields.take("sign"), fields.take("authenticate"));
    match (at, capture, sign, authenticate) {
        (_, None, None, None) => {
            let (url, when) = target(&mut fields, node, findings);
            let at = fields.required("at", "{ header = \"authorization\" }", node, findings);
            let at = at.and_then(|node| spot(&node, AT, findings));
            fields.refuse_others(findings);
            given.places.push(Place { url: url?, at: at?, when });
        }
        (None, Some(capture), None, None) => {
            let (url, when) = target(&mut fields, node, findings);
            let at = spot(&capture, CAPTURE, findings);
            fields.refuse_others(findings);
            given.captures.push(Capture { url: url?, at: at?, when });
        }
        (None, None, Some(sign), None) => {
            refuse_target("sign", &mut fields, findings);
            fields.refuse_others(findings);
            given.signs.push(key(&sign, findings)?.into());
        }
        (None, None, None, Some(authenticate)) => {
            refuse_target("authenticate", &mut fields, findings);
            fields.refuse_others(findings);
            match authenticate.boolean(findings)? {
                true => given.authenticates = true,
                false => authenticate.wrong(findings, "an entry gives something", "write true, or remove it"),
            }
        }
        _ => {
            for known in ["url", "when"] {
                fields.take(known);
            }
            fields.refuse_others(findings);
            node.wrong(findings, "more than one kind of grant in one entry", ONE);
        }
    }
    Some(())
}

/// Of what requests and frames, or answers to them.
fn target(
    fields: &mut Fields<'_>,
    around: &Node<'_>,
    findings: &mut Findings,
) -> (Option<UrlRule>, Vec<JsonTest>) {
    let url = fields.required("url", URL, around, findings);
    let url = url.and_then(|node| rule(&node, findings));
    let tests = fields.take("when").map(|node| node.list(findings, WHEN)).unwrap_or_default();
    (url, tests.iter().filter_map(|node| test(node, findings)).collect())
}

fn refuse_target(kind: &str, fields: &mut Fields<'_>, findings: &mut Findings) {
    for name in ["url", "when"] {
        if let Some(node) = fields.take(name) {
            node.wrong(findings, format!("{kind} has no {name}: nothing leaves the host"), ONE);
        }
    }
}

fn key<'a>(node: &Node<'a>, findings: &mut Findings) -> Option<&'a str> {
    let name = node.text(findings, "the name of a key, such as \"device\"")?;
    if name.is_empty() || name.len() > MAX_KEY_BYTES || name.contains(char::is_control) {
        let what = format!("a key's name has 1 to {MAX_KEY_BYTES} bytes and no control characters");
        node.wrong(findings, what, "write one such as \"device\"");
        return None;
    }
    Some(name)
}

/// `shape` is [`AT`], or [`CAPTURE`] where nothing arrives in a query.
fn spot(node: &Node<'_>, shape: &str, findings: &mut Findings) -> Option<At> {
    let mut fields = node.table(findings, shape)?;
    let (header, query, json) = (fields.take("header"), fields.take("query"), fields.take("json"));
    fields.refuse_others(findings);
    let text = "a string";
    match (header, query, json) {
        (Some(node), None, None) => {
            let name = node.text(findings, text)?;
            let plain =
                |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"!#$%&'*+-.^_`|~".contains(&b);
            if name.is_empty() || !name.bytes().all(plain) {
                let help = "write it in lower case, such as \"authorization\"";
                node.wrong(findings, format!("{name:?} is not the name of a header"), help);
                return None;
            }
            Some(At::Header(name.into()))
        }
        (None, Some(node), None) if shape == CAPTURE => {
            node.wrong(findings, "nothing arrives in a query", format!("write {CAPTURE}"));
            None
        }
        (None, Some(node), None) => {
            let key = node.text(findings, text)?;
            if key.is_empty() {
                node.wrong(findings, "an empty query key", "write the key's name");
                return None;
            }
            Some(At::Query(key.into()))
        }
        (None, None, Some(node)) => {
            // The whole document can't be a secret: the host writes into JSON that the guest wrote.
            let pointer = pointer(&node, findings)?;
            if pointer.is_empty() {
                node.wrong(findings, "the whole document", "point at one value, such as \"/token\"");
                return None;
            }
            Some(At::Json(pointer.into()))
        }
        _ => {
            node.wrong(findings, "not one place", format!("write {shape}"));
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
