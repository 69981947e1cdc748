//! A connector's JSON Schema, which is untrusted, and the operator's configuration held against it.
//!
//! Nothing is fetched, and a hostile schema can neither loop nor blow up: references point into the schema itself,
//! never in a circle, and what they unfold to is bounded.
use jsonschema::{Draft, PatternOptions, Validator};
use ports::schema::{self, Bounds};
use serde_json::Value;

const BOUNDS: Bounds = Bounds { depth: 32, values: 8192, patterns: 64 };
/// What a regular expression may take when compiled.
const MAX_PATTERN_BYTES: usize = 256 << 10;

/// # Errors
/// Why the schema is not accepted, for the connector's author.
pub(crate) fn compile(schema: &Value) -> Result<Validator, String> {
    if schema["type"] != "object" {
        return Err("must have \"type\": \"object\"".into());
    }
    if schema["additionalProperties"] != false {
        return Err("must refuse unknown keys: \"additionalProperties\": false".into());
    }
    schema::bounded(schema, BOUNDS)?;
    let patterns = PatternOptions::regex().size_limit(MAX_PATTERN_BYTES).dfa_size_limit(MAX_PATTERN_BYTES);
    let options = jsonschema::options()
        .with_draft(Draft::Draft202012)
        .with_pattern_options(patterns)
        .should_validate_formats(true)
        .offline();
    options.build(schema).map_err(|error| format!("at {:?}: {error}", error.instance_path().as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn refused(mut schema: Value) -> String {
        schema["type"] = "object".into();
        schema["additionalProperties"] = false.into();
        compile(&schema).expect_err(&schema.to_string())
    }

    #[test]
    fn a_schema_of_anything_but_a_closed_object_is_refused() {
        for schema in
            [json!(true), json!({}), json!({"type": "string"}), json!({"type": "object"}), json!([])]
        {
            assert!(compile(&schema).is_err(), "{schema}");
        }
        assert!(
            refused(json!({"properties": {"a": {"type": "strin"}}})).starts_with("at \"/properties/a/type\"")
        );
        assert!(refused(json!({"properties": {"a": {"pattern": "("}}})).contains("pattern"));
    }

    #[test]
    fn nothing_is_fetched() {
        for target in
            ["https://example.com/s.json", "file:///etc/passwd", "other.json", "#there", "#/$defs/a%20b"]
        {
            assert!(refused(json!({"properties": {"a": {"$ref": target}}})).contains(target));
        }
        refused(json!({"properties": {"a": {"$dynamicRef": "https://example.com/s.json"}}}));
        refused(json!({"properties": {"a": {"$id": "https://example.com/", "$ref": "#/$defs/a"}}}));
    }

    #[test]
    fn a_reference_to_a_definition_works() {
        let schema = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "https://occum.net/config",
            "type": "object", "additionalProperties": false,
            "properties": {"a": {"$ref": "#/$defs/port"}, "b": {"$ref": "#/$defs/port"}},
            "$defs": {"port": {"type": "integer"}},
        });
        let validator = compile(&schema).unwrap();
        assert!(validator.is_valid(&json!({"a": 1, "b": 2})));
        assert!(!validator.is_valid(&json!({"a": "x"})));
    }

    #[test]
    fn a_schema_that_turns_in_circles_or_unfolds_without_end_is_refused() {
        assert!(refused(json!({"$ref": "#"})).contains("same schema"));
        assert!(refused(json!({"allOf": [{"$ref": "#/allOf/0"}]})).contains("circle"));
        let two =
            json!({"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}, "$ref": "#/$defs/a"});
        assert!(refused(two).contains("circle"));
        let mut defs = json!({"d0": {"type": "string"}});
        for nth in 1..10 {
            let next = format!("#/$defs/d{}", nth - 1);
            defs[format!("d{nth}")] = json!({"allOf": [{"$ref": next}, {"$ref": next}, {"$ref": next}]});
        }
        assert!(refused(json!({"$defs": defs, "$ref": "#/$defs/d9"})).contains("unfolded"));
        let deep = (0..40).fold(json!({}), |inner, _| json!({"not": inner}));
        assert!(refused(json!({"not": deep})).contains("deeper"));
        let many: Vec<_> = (0..65).map(|nth| json!({"pattern": format!("a{nth}")})).collect();
        assert!(refused(json!({"anyOf": many})).contains("patterns"));
        assert!(
            refused(json!({"properties": {"a": {"pattern": "((a{100}){100}){100}"}}})).contains("pattern")
        );
    }
}
