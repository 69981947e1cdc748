//! `{key}` in a rule: replaced by the configuration.

use super::rule::Rule;
use serde_json::Value;

/// The rule with its keys replaced by the configuration's values, or by their defaults in the schema.
///
/// None: a value is missing, or can't stand in a rule; then the real host asks the operator for another, and there is
/// nothing to fit.
///
/// # Errors
/// What the descriptor's author has to change.
pub(super) fn expand(template: &str, schema: &Value, config: &Value) -> Result<Option<Rule>, String> {
    let (mut text, mut rest) = (String::new(), template);
    let mut keys = 0;
    while let Some((before, after)) = rest.split_once('{') {
        let (inside, behind) = after.split_once('}').ok_or("a '{' without its '}'")?;
        let (key, websocket) = match inside.split_once(':') {
            None => (inside, false),
            Some((key, "ws")) => (key, true),
            Some(_) => return Err("only {key} and {key:ws} are known".into()),
        };
        let property = schema["properties"].get(key);
        let property = property.ok_or_else(|| format!("the schema has no property {key:?}"))?;
        let Some(value) = value(config.get(key).unwrap_or(&property["default"])) else { return Ok(None) };
        text.push_str(before);
        text.push_str(&if websocket { with_websocket_scheme(value) } else { value.to_owned() });
        (rest, keys) = (behind, keys + 1);
    }
    text.push_str(rest);
    match Rule::parse(&text) {
        Ok(rule) => Ok(Some(rule)),
        Err(why) if keys == 0 => Err(why.into()),
        Err(_) => Ok(None),
    }
}

/// What stands for a key, if it does not make the rule a wider one.
fn value(value: &Value) -> Option<&str> {
    let value = value.as_str()?.trim_end_matches('/');
    let wide = |c: char| c.is_whitespace() || c.is_control() || "*?#,@{}\\".contains(c);
    (!value.is_empty() && !value.contains(wide)).then_some(value)
}

fn with_websocket_scheme(value: &str) -> String {
    match value.split_once("://") {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => format!("ws://{rest}"),
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => format!("wss://{rest}"),
        _ => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn expanded(template: &str, config: Value) -> Result<Option<Rule>, String> {
        let api = json!({ "type": "string", "default": "https://api.test/" });
        expand(template, &json!({ "properties": { "apiUrl": api, "room": {} } }), &config)
    }

    #[test]
    fn a_key_is_its_value_or_its_default_without_trailing_slashes() {
        for (template, config, url) in [
            ("GET {apiUrl}/v1/*", json!({}), "https://api.test/v1/a"),
            ("{apiUrl:ws}/v1", json!({}), "wss://api.test/v1"),
            ("{apiUrl:ws}", json!({ "apiUrl": "HTTP://127.0.0.1:8080//" }), "ws://127.0.0.1:8080/any"),
            ("{apiUrl}/{room}/x", json!({ "room": "a/b" }), "https://api.test/a/b/x"),
        ] {
            let rule = expanded(template, config).unwrap().unwrap();
            assert!(rule.fits(Some("GET"), url) && !rule.fits(Some("GET"), "https://other.test/"), "{url}");
        }
    }

    #[test]
    fn a_value_that_can_not_stand_in_a_rule_makes_none() {
        for value in [json!("https://*.test"), json!("https://a.test/*"), json!("GET,POST"), json!("///")] {
            assert!(expanded("{apiUrl}/v1", json!({ "apiUrl": value })).unwrap().is_none(), "{value}");
        }
        for config in [json!({}), json!({ "room": 5 }), json!({ "room": ".." })] {
            assert!(expanded("{apiUrl}/{room}", config.clone()).unwrap().is_none(), "{config}");
        }
    }

    #[test]
    fn a_broken_template_is_the_authors_fault() {
        for template in ["{apiUrl/v1", "{apiUrl:tcp}", "{nowhere}/v1", "https://a.test/?q", "no rule"] {
            assert!(expanded(template, json!({})).is_err(), "{template}");
        }
    }
}
