//! A tool's JSON Schema, which is as untrusted as whoever wrote the tool: nothing is fetched, and it can neither loop
//! nor blow up. References point into the schema itself, never in a circle, and what they unfold to is bounded.
use jsonschema::{PatternOptions, Validator};
use serde_json::{Map, Value};

/// Deepest nesting, references followed.
const MAX_DEPTH: usize = 64;
/// Values in the schema, references unfolded: two definitions that each name the next twice double with every step.
const MAX_VALUES: usize = 8192;
/// Regular expressions, references unfolded.
const MAX_PATTERNS: usize = 32;
/// The bytes that each may take when compiled.
const MAX_PATTERN_BYTES: usize = 128 << 10;
/// Violations told at once.
const MOST_VIOLATIONS: usize = 5;
/// Of all that is told: names of unexpected properties are the client's and of any length.
const MOST_BYTES: usize = 2048;

/// # Errors
/// Why nothing can be held against it.
pub(crate) fn compile(schema: &Map<String, Value>) -> Result<Validator, String> {
    let schema = Value::Object(schema.clone());
    Walk { root: &schema, values: 0, patterns: 0, path: Vec::new() }.value(&schema, MAX_DEPTH, true)?;
    let patterns = PatternOptions::regex().size_limit(MAX_PATTERN_BYTES).dfa_size_limit(MAX_PATTERN_BYTES);
    let options = jsonschema::options().with_pattern_options(patterns).offline();
    options.build(&schema).map_err(|error| format!("at {:?}: {error}", error.instance_path().as_str()))
}

/// # Errors
/// What is wrong, and where. The values themselves are not in it.
pub(crate) fn check(validator: &Validator, arguments: &Value) -> Result<(), String> {
    let told = |error: jsonschema::ValidationError<'_>| {
        let place = match error.instance_path().as_str() {
            "" => "at the top".to_owned(),
            place => format!("at {place}"),
        };
        format!("{place}: {}", error.masked_with("this value"))
    };
    let violations: Vec<String> = validator.iter_errors(arguments).take(MOST_VIOLATIONS).map(told).collect();
    if violations.is_empty() { Ok(()) } else { Err(cut(violations.join("; "), MOST_BYTES)) }
}

/// To so many bytes at most, at a character's end.
pub(crate) fn cut(mut text: String, bytes: usize) -> String {
    if text.len() > bytes {
        text.truncate(text.floor_char_boundary(bytes));
        text.push('…');
    }
    text
}

struct Walk<'a> {
    root: &'a Value,
    values: usize,
    patterns: usize,
    /// References that are being followed.
    path: Vec<&'a str>,
}

/// Keywords that change what a reference means, or that refer in a way we cannot follow.
const REFUSED: [&str; 6] =
    ["$id", "$anchor", "$dynamicAnchor", "$dynamicRef", "$recursiveRef", "$recursiveAnchor"];

impl<'a> Walk<'a> {
    fn value(&mut self, value: &'a Value, depth: usize, is_root: bool) -> Result<(), String> {
        self.values += 1;
        if depth == 0 {
            return Err(format!("it is nested deeper than {MAX_DEPTH}"));
        }
        if self.values > MAX_VALUES {
            return Err(format!("it holds more than {MAX_VALUES} values, references unfolded"));
        }
        match value {
            Value::Array(items) => items.iter().try_for_each(|item| self.value(item, depth - 1, false)),
            Value::Object(fields) => {
                for (key, field) in fields {
                    match (key.as_str(), field) {
                        ("$ref", Value::String(target)) => self.follow(target, depth)?,
                        // Its own name changes nothing where it is the whole.
                        ("$id", Value::String(_)) if is_root => {}
                        (key, Value::String(_) | Value::Bool(_)) if REFUSED.contains(&key) => {
                            return Err(format!("it uses {key}; refer with \"$ref\": \"#/$defs/…\""));
                        }
                        _ => {}
                    }
                    self.patterns += match (key.as_str(), field) {
                        ("pattern", Value::String(_)) => 1,
                        ("patternProperties", Value::Object(patterns)) => patterns.len(),
                        _ => 0,
                    };
                    if self.patterns > MAX_PATTERNS {
                        return Err(format!(
                            "it holds more than {MAX_PATTERNS} patterns, references unfolded"
                        ));
                    }
                    self.value(field, depth - 1, false)?;
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn follow(&mut self, target: &'a str, depth: usize) -> Result<(), String> {
        let root = self.root;
        let found = target.strip_prefix('#').and_then(|pointer| root.pointer(pointer));
        let Some(found) = found else { return Err("it refers to something outside of itself".into()) };
        if self.path.contains(&target) {
            return Err("it refers to itself in a circle".into());
        }
        self.path.push(target);
        self.value(found, depth - 1, false)?;
        self.path.pop();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn compiled(schema: Value) -> Result<Validator, String> {
        compile(schema.as_object().unwrap())
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place_and_without_its_value() {
        let schema = json!({ "type": "object", "properties": { "a": { "items": { "type": "integer" } } },
            "required": ["b"], "additionalProperties": false });
        let validator = compiled(schema).unwrap();
        let unexpected = check(&validator, &json!({ "a": [1], "b": 1 })).unwrap_err();
        assert!(unexpected.starts_with("at the top: ") && unexpected.contains("'b'"), "{unexpected}");
        let why = check(&validator, &json!({ "a": [1, "hunter2"] })).unwrap_err();
        assert!(why.contains("at /a/1") && why.contains("integer") && why.contains("\"b\""), "{why}");
        assert!(!why.contains("hunter2"), "{why}");
        let long = "x".repeat(100_000);
        assert!(check(&validator, &json!({ long: 1 })).unwrap_err().len() < 3000);
    }

    #[test]
    fn a_reference_is_followed() {
        let schema = json!({ "$defs": { "n": { "type": "integer" } }, "properties": { "a": { "$ref": "#/$defs/n" } } });
        let validator = compiled(schema).unwrap();
        assert!(check(&validator, &json!({ "a": 1 })).is_ok());
        assert!(check(&validator, &json!({ "a": "1" })).is_err());
    }

    #[test]
    fn what_would_loop_blow_up_or_fetch_is_refused() {
        let mut doubling = serde_json::Map::new();
        for step in 0..40 {
            let next = json!({ "$ref": format!("#/$defs/d{}", step + 1) });
            doubling.insert(format!("d{step}"), json!({ "allOf": [next.clone(), next] }));
        }
        doubling.insert("d40".into(), json!({}));
        let many = |count: usize| {
            (0..count)
                .map(|n| (format!("p{n}"), json!({ "pattern": format!("q{n}[^a]{{20}}") })))
                .collect::<Value>()
        };
        assert!(compiled(json!({ "properties": many(MAX_PATTERNS) })).is_ok());
        let named = |count: usize| (0..count).map(|n| (format!("q{n}"), json!({}))).collect::<Value>();
        let deep = (0..200).fold(json!({}), |inner, _| json!({ "items": inner }));
        for schema in [
            json!({ "$ref": "#" }),
            json!({ "$defs": doubling, "$ref": "#/$defs/d0" }),
            deep,
            json!({ "$ref": "http://127.0.0.1:1/schema.json" }),
            json!({ "properties": { "a": { "$id": "x", "type": "string" } } }),
            json!({ "properties": { "a": { "pattern": "(a{1000}){1000}{1000}" } } }),
            json!({ "type": 7 }),
            json!({ "properties": many(MAX_PATTERNS + 1) }),
            json!({ "patternProperties": named(MAX_PATTERNS + 1) }),
        ] {
            assert!(compiled(schema.clone()).is_err(), "{schema}");
        }
    }

    #[test]
    fn text_is_cut_at_a_character() {
        assert_eq!(cut("aéé".into(), 4), "aé…");
        assert_eq!(cut("aé".into(), 3), "aé");
    }
}
