//! The lines to write: for a new user, and for one whose file lacks grants.
use crate::account;
use crate::asked::{Asked, CaptureAsk, PlaceAsk};
use crate::request::Request;
use crate::secrets;
use crate::template;
use crate::toml_text::{key, path, string, value};
use crate::wanted::Wanted;
use crate::wording::quoted;
use ports::json_test::JsonTest;
use ports::log_budget::printable;
use ports::secret::At;
use serde_json::{Value, json};
use std::fmt::Write;

/// Characters of a description that stand behind a line.
const MAX_REMARK_BYTES: usize = 100;

/// One account of this connector, with what is optional commented out, and the grants that the digest stands for.
pub(crate) fn account(asked: &Asked, request: &Request) -> String {
    let mut out = begun(asked);
    let wanted = Wanted::all(asked);
    if !wanted.is_empty() {
        let table = path(&account::table(&asked.id, "default"), "grants");
        let _ = write!(out, "\n[{table}]\n{}", approval(&table, &wanted, &json!({}), &request.digest()));
    }
    out
}

/// The fewest lines that make it run.
pub(crate) fn minimal(asked: &Asked, request: &Request) -> String {
    let mut out = begun(asked);
    if !request.is_empty() {
        let table = path(&account::table(&asked.id, "default"), "grants");
        let approved = string(&request.digest());
        let _ = writeln!(out, "\n[{table}]\napproved = {approved}    # {ALL}; `runtime inspect` shows it");
    }
    out
}

/// What a digest in the file gives.
const ALL: &str = "all that it asks for, as long as it asks for exactly this";

/// The digest of the whole request; as comments, what stands in its place where all of `wanted` is written out.
pub(crate) fn approval(table: &str, wanted: &Wanted<'_>, config: &Value, digest: &str) -> String {
    let mut out = format!("approved = {}    # {ALL}; or, instead of this line:\n", string(digest));
    for line in grants(table, wanted, config).lines() {
        let _ = writeln!(out, "# {line}");
    }
    out
}

fn begun(asked: &Asked) -> String {
    let table = account::table(&asked.id, "default");
    let mut out = format!("[{table}]\n");
    for (name, property) in asked.schema["properties"].as_object().into_iter().flatten() {
        let is_required = is_required(&asked.schema, name);
        let Some(value) = value(&placeholder(property)) else { continue };
        let comment = if is_required { "" } else { "# " };
        let remark = remark(property["description"].as_str().unwrap_or_default());
        let _ = writeln!(out, "{comment}config.{} = {value}{remark}", key(name));
    }
    for secret in &asked.secrets {
        let comment = if secret.must_be_provided() { "" } else { "# " };
        let arrives = match secret.captures.is_empty() {
            true => "",
            false => "    # it arrives by itself",
        };
        let _ = writeln!(out, "{comment}{}{arrives}", secret_line(&asked.id, &secret.name));
    }
    out
}

/// What stands in and under the table of grants, whose path is `table`.
fn grants(table: &str, wanted: &Wanted<'_>, config: &Value) -> String {
    let expanded = |rule: &str| match template::expand(rule, &wanted.asked.schema, config) {
        Ok(rule) => string(&rule.canonical()),
        // Nothing to paste: for reading it, with letters that only look like ASCII escaped.
        Err(_) => quoted(rule),
    };
    let mut out = String::new();
    if !wanted.capabilities.is_empty() {
        let names: Vec<_> = wanted.capabilities.iter().map(|name| string(name)).collect();
        let _ = writeln!(out, "capabilities = [{}]", names.join(", "));
    }
    if !wanted.urls.is_empty() {
        out.push_str("urls = [\n");
        for url in wanted.urls {
            let _ = writeln!(out, "  {},{}", expanded(&url.rule), remark(&url.reason));
        }
        out.push_str("]\n");
    }
    for secret in &wanted.secrets {
        let header = path(&path(table, "secrets"), &secret.name);
        let mut entry = |lines: String| {
            let _ = writeln!(out, "[[{header}]]\n{lines}");
        };
        for PlaceAsk { rule, at, when } in &secret.places {
            entry(format!("url = {}\nat = {}{}", expanded(rule), spot(at), tests(when)));
        }
        for CaptureAsk { rule, at, when } in &secret.captures {
            entry(format!("url = {}\ncapture = {}{}", expanded(rule), spot(at), tests(when)));
        }
        secret.signs.iter().for_each(|key| entry(format!("sign = {}", string(key))));
        if secret.authenticates {
            entry("authenticate = true".into());
        }
    }
    out
}

pub(crate) fn secret_line(connector: &str, name: &str) -> String {
    format!("secrets.{} = {}", key(name), secrets::suggestion(connector, name))
}

/// A value that shows what is meant, where the schema knows one.
pub(crate) fn placeholder(property: &Value) -> Value {
    let known = ["default", "const"].iter().find_map(|word| property.get(word));
    let listed = || ["examples", "enum"].iter().find_map(|word| property[word].get(0));
    known.or_else(listed).cloned().unwrap_or_else(|| match property["type"].as_str() {
        Some("integer" | "number") => property.get("minimum").cloned().unwrap_or(json!(0)),
        Some("boolean") => json!(false),
        Some("array") => json!([]),
        Some("object") => json!({}),
        _ => json!("…"),
    })
}

fn is_required(schema: &Value, name: &str) -> bool {
    schema["required"].as_array().is_some_and(|names| names.iter().any(|required| required == name))
}

fn spot(at: &At) -> String {
    let (kind, name) = match at {
        At::Header(name) => ("header", name),
        At::Query(key) => ("query", key),
        At::Json(pointer) => ("json", pointer),
    };
    format!("{{ {kind} = {} }}", string(name))
}

/// With its leading line end; empty where there are none.
fn tests(when: &[JsonTest]) -> String {
    let test = |test: &JsonTest| {
        let equals = value(&test.equals)?;
        Some(format!("{{ pointer = {}, equals = {equals} }}", string(&test.pointer)))
    };
    match when.iter().map(test).collect::<Option<Vec<_>>>() {
        Some(tests) if tests.is_empty() => String::new(),
        Some(tests) => format!("\nwhen = [{}]", tests.join(", ")),
        // NB: to leave the test out would widen the grant.
        None => "\nwhen = ?    # it tests for a null, which TOML has not: write approved = … instead".into(),
    }
}

/// An author's words behind a line.
fn remark(text: &str) -> String {
    match text {
        "" => String::new(),
        text => format!("    # {}", printable(text, MAX_REMARK_BYTES)),
    }
}
