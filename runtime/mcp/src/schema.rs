//! A tool's JSON Schema, which is as untrusted as whoever wrote the tool: nothing is fetched, and it can neither loop
//! nor blow up. References point into the schema itself, never in a circle, and what they unfold to is bounded.
use jsonschema::{PatternOptions, Validator};
use ports::schema::{self, Bounds};
use serde_json::{Map, Value};

const BOUNDS: Bounds = Bounds { depth: 64, values: 8192, patterns: 32 };
/// The bytes that a regular expression may take when compiled.
const MAX_PATTERN_BYTES: usize = 128 << 10;
/// Violations told at once.
const MOST_VIOLATIONS: usize = 5;
/// Of all that is told: names of unexpected properties are the client's and of any length.
const MOST_BYTES: usize = 2048;

/// # Errors
/// Why nothing can be held against it.
pub(crate) fn compile(arguments: &Map<String, Value>) -> Result<Validator, String> {
    let schema = Value::Object(arguments.clone());
    schema::bounded(&schema, BOUNDS).map_err(|why| format!("it {why}"))?;
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
        assert!(compiled(json!({ "properties": many(BOUNDS.patterns) })).is_ok());
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
            json!({ "properties": many(BOUNDS.patterns + 1) }),
            json!({ "patternProperties": named(BOUNDS.patterns + 1) }),
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
