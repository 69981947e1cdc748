//! `{key}` in what a connector asks for: replaced by the operator's configuration, in a way that cannot widen a rule.
use ports::reach::UrlRule;
use serde_json::Value;

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum BadTemplate {
    /// The connector's fault.
    Template(String),
    /// The value of this key is at fault.
    Value { key: String, what: String, help: String },
}

/// `schema` tells the defaults of what `config` leaves out.
pub(crate) fn expand(template: &str, schema: &Value, config: &Value) -> Result<UrlRule, BadTemplate> {
    let broken = |why: &str| BadTemplate::Template(format!("asks for {template:?}: {why}"));
    let (holes, end) = parts(template).map_err(broken)?;
    let mut text = String::new();
    for Hole { before, key, websocket } in &holes {
        if schema["properties"].get(key).is_none() {
            return Err(broken(&format!("its schema has no property {key:?}")));
        }
        let value = value(key, schema, config)?;
        text.push_str(before);
        text.push_str(&if *websocket { with_websocket_scheme(value) } else { value.to_owned() });
    }
    text.push_str(end);
    text.parse::<UrlRule>().map_err(|bad| match holes.first() {
        None => BadTemplate::Template(format!("asks for {bad}")),
        Some(Hole { key, .. }) => BadTemplate::Value {
            key: (*key).into(),
            what: format!("makes a bad rule of {template:?}: {bad}"),
            help: "write a plain URL such as \"https://api.example.com\"".into(),
        },
    })
}

/// Keys whose values the rule is built of; none where it cannot be built.
pub(crate) fn keys(template: &str) -> Vec<&str> {
    let holes = parts(template).map(|(holes, _)| holes).unwrap_or_default();
    holes.into_iter().map(|hole| hole.key).collect()
}

struct Hole<'a> {
    before: &'a str,
    key: &'a str,
    websocket: bool,
}

/// The only reading of a template: a key that one reader saw and another did not would change a rule unseen.
fn parts(template: &str) -> Result<(Vec<Hole<'_>>, &str), &'static str> {
    let mut holes = Vec::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (inside, behind) = after.split_once('}').ok_or("a '{' without its '}'")?;
        let (key, websocket) = match inside.split_once(':') {
            None => (inside, false),
            Some((key, "ws")) => (key, true),
            Some(_) => return Err("only {key} and {key:ws} are known"),
        };
        holes.push(Hole { before, key, websocket });
        rest = behind;
    }
    Ok((holes, rest))
}

fn value<'a>(key: &str, schema: &'a Value, config: &'a Value) -> Result<&'a str, BadTemplate> {
    let bad = |what: &str, help: &str| {
        let (key, what, help) = (key.into(), what.into(), help.into());
        Err(BadTemplate::Value { key, what, help })
    };
    let default = &schema["properties"][key]["default"];
    let Some(value) = config.get(key).unwrap_or(default).as_str() else {
        return bad("is missing, and what the connector asks for is built of it", "write it, as a string");
    };
    let value = value.trim_end_matches('/');
    if value.is_empty() {
        // `https://host{path}` without a path would be the whole host.
        return bad("is empty, and what the connector asks for is built of it", "write a value");
    }
    match value.chars().find(|c| c.is_whitespace() || c.is_control() || WIDENING.contains(*c)) {
        Some(c) => bad(&format!("{c:?} must not be in it: it is put into a grant"), "write it without"),
        None => Ok(value),
    }
}

/// What could turn one rule into a wider one or into another: wildcards, a query, a fragment, more methods, a user
/// name, a template, another way to write '/'.
const WIDENING: &str = "*?#,@{}\\";

fn with_websocket_scheme(value: &str) -> String {
    match value.split_once("://") {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => format!("ws://{rest}"),
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => format!("wss://{rest}"),
        _ => value.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn expanded(template: &str, config: Value) -> Result<String, BadTemplate> {
        let api = json!({"type": "string", "default": "https://api.occum.net/"});
        let schema = json!({"properties": {"apiUrl": api, "path": {}}});
        expand(template, &schema, &config).map(|rule| rule.to_string())
    }

    #[test]
    fn a_key_is_its_value_or_its_default_without_trailing_slashes() {
        for (template, config, expected) in [
            ("GET {apiUrl}/v1/*", json!({}), "GET https://api.occum.net/v1/*"),
            ("{apiUrl:ws}/v1/ws", json!({}), "wss://api.occum.net/v1/ws"),
            ("{apiUrl}/v1", json!({"apiUrl": "http://127.0.0.1:8080//"}), "http://127.0.0.1:8080/v1"),
            ("{apiUrl:ws}/v1", json!({"apiUrl": "HTTP://h.test"}), "ws://h.test/v1"),
            ("{apiUrl}/{path}/x", json!({"path": "a/b"}), "https://api.occum.net/a/b/x"),
            ("https://fixed.test/*", json!({}), "https://fixed.test/*"),
        ] {
            assert_eq!(expanded(template, config).unwrap(), expected);
        }
    }

    #[test]
    fn a_value_cannot_widen_a_rule() {
        for value in [
            "https://*.occum.net",
            "https://api.occum.net/*",
            "https://api.occum.net?x=",
            "https://api.occum.net#",
            "GET https://api.occum.net",
            "GET,POST",
            "https://user@api.occum.net",
            "https://api.occum.net\\x",
            "{path}",
            "https://a.test\u{a0}",
            "https://a.test/..",
            "https://a.test/%2e%2e",
            "ftp://a.test",
            "a.test",
            "",
            "///",
        ] {
            let bad = expanded("{apiUrl}/v1/*", json!({"apiUrl": value})).unwrap_err();
            assert!(matches!(&bad, BadTemplate::Value { key, .. } if key == "apiUrl"), "{value}: {bad:?}");
        }
        assert!(expanded("https://a.test{path}", json!({"path": "/"})).is_err(), "empty would open the host");
        assert!(expanded("{apiUrl}/{path}", json!({"path": 5})).is_err());
    }

    #[test]
    fn a_broken_template_is_the_connectors_fault() {
        for template in ["{apiUrl/v1", "{apiUrl:tcp}/v1", "{nowhere}/v1", "https://a.test/?q", "no rule"] {
            let bad = expanded(template, json!({}));
            assert!(matches!(&bad, Err(BadTemplate::Template(_))), "{template}: {bad:?}");
        }
    }
}
