//! The lines to write: for a new user, and for one whose file lacks grants.
use crate::account;
use crate::asked::{Asked, PlaceAsk, SecretAsk, UrlAsk};
use crate::secrets;
use crate::template;
use crate::toml_text::{key, path, string, value};
use ports::log_budget::printable;
use ports::secret::At;
use serde_json::{Value, json};
use std::fmt::Write;

/// Characters of a description that stand behind a line.
const MAX_REMARK_BYTES: usize = 100;

/// One account of this connector, with what is optional commented out, and the grants that `requested` stands for.
pub(crate) fn account(asked: &Asked) -> String {
    let mut out = begun(asked, "or, instead of this line:");
    if asks_nothing(asked) {
        return out;
    }
    let secrets: Vec<_> = asked.secrets.iter().collect();
    let table = path(&account::table(&asked.id, "default"), "grants");
    for line in grants(&table, &Wanted { urls: &asked.urls, secrets, asked }, &json!({})).lines() {
        let _ = writeln!(out, "# {line}");
    }
    out
}

fn asks_nothing(asked: &Asked) -> bool {
    asked.urls.is_empty() && asked.secrets.iter().all(|secret| secret.places.is_empty())
}

/// The fewest lines that make it run.
pub(crate) fn minimal(asked: &Asked) -> String {
    begun(asked, "`runtime inspect` shows it")
}

fn begun(asked: &Asked, more: &str) -> String {
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
        let comment = if secret.required { "" } else { "# " };
        let _ = writeln!(out, "{comment}{}", secret_line(&asked.id, &secret.name));
    }
    if !asks_nothing(asked) {
        let _ = writeln!(out, "\n[{}]", path(&table, "grants"));
        let _ = writeln!(out, "requested = true    # all that it asks for; {more}");
    }
    out
}

/// Grants to write out.
pub(crate) struct Wanted<'a> {
    pub urls: &'a [UrlAsk],
    pub secrets: Vec<&'a SecretAsk>,
    pub asked: &'a Asked,
}

/// What stands in and under the table of grants, whose path is `table`.
pub(crate) fn grants(table: &str, wanted: &Wanted<'_>, config: &Value) -> String {
    let expanded = |rule: &str| match template::expand(rule, &wanted.asked.schema, config) {
        Ok(rule) => string(&rule.to_string()),
        Err(_) => string(rule),
    };
    let mut out = String::new();
    if !wanted.urls.is_empty() {
        out.push_str("urls = [\n");
        for url in wanted.urls {
            let _ = writeln!(out, "  {},{}", expanded(&url.rule), remark(&url.reason));
        }
        out.push_str("]\n");
    }
    for secret in &wanted.secrets {
        let header = path(&path(table, "secrets"), &secret.name);
        for place in &secret.places {
            let _ = writeln!(out, "[[{header}]]\nurl = {}\n{}", expanded(&place.rule), spot(place));
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

fn spot(place: &PlaceAsk) -> String {
    let (kind, name) = match &place.at {
        At::Header(name) => ("header", name),
        At::Query(key) => ("query", key),
        At::Json(pointer) => ("json", pointer),
    };
    let mut out = format!("at = {{ {kind} = {} }}", string(name));
    let tests: Option<Vec<_>> = place
        .when
        .iter()
        .map(|test| {
            let equals = value(&test.equals)?;
            Some(format!("{{ pointer = {}, equals = {equals} }}", string(&test.pointer)))
        })
        .collect();
    match tests {
        Some(tests) if tests.is_empty() => {}
        Some(tests) => out.push_str(&format!("\nwhen = [{}]", tests.join(", "))),
        // NB: to leave the test out would widen the grant.
        None => {
            out.push_str("\nwhen = ?    # it tests for a null, which TOML has not: write requested = true")
        }
    }
    out
}

/// An author's words behind a line.
fn remark(text: &str) -> String {
    match text {
        "" => String::new(),
        text => format!("    # {}", printable(text, MAX_REMARK_BYTES)),
    }
}
