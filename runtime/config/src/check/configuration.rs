//! The account's `config` held against the connector's schema.
use super::Checking;
use crate::example;
use crate::json::{self, Located};
use crate::nearest;
use crate::schema;
use crate::toml_text;
use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind;
use serde_json::Value;

/// Violations reported at once; one wrong value can violate many rules.
const MOST_VIOLATIONS: usize = 20;

/// What a report calls the value: it can be long, or a secret at the wrong place. The line shows where it stands.
const MASK: &str = "this value";

impl Checking<'_> {
    /// `None` when something is wrong with it, or with the schema.
    pub(super) fn config(&mut self) -> Option<Value> {
        let empty = Located::empty();
        let config = self.written.config.as_ref().unwrap_or(&empty);
        // What the schema does not speak of may be a secret at the wrong place.
        let schema = &self.asked.schema;
        let unknown = config.leaves().filter(|(pointer, _)| near(schema, pointer).is_null());
        unknown.for_each(|(_, span)| self.notes.hide(span));
        let validator = match schema::compile(&self.asked.schema) {
            Ok(validator) => validator,
            Err(why) => {
                self.notes.problems.blame(&self.asked.id, format!("its configuration's JSON Schema {why}"));
                return None;
            }
        };
        let mut valid = true;
        for violation in validator.iter_errors(&config.value).take(MOST_VIOLATIONS) {
            valid = false;
            self.violation(config, &violation);
        }
        valid.then(|| config.value.clone())
    }

    fn violation(&mut self, config: &Located, violation: &ValidationError<'_>) {
        let pointer = violation.instance_path().as_str();
        let table = toml_text::path(&self.account.path, "config");
        let path = json::path(&table, pointer);
        let whole = || config.value_span(pointer).unwrap_or(&self.written.span);
        match violation.kind() {
            ValidationErrorKind::AdditionalProperties { unexpected }
            | ValidationErrorKind::UnevaluatedProperties { unexpected } => {
                for name in unexpected {
                    let pointer = json::pointer(pointer, name);
                    let help = self.instead_of(name, violation);
                    let key = config.key_span(&pointer).unwrap_or(&self.written.span);
                    self.notes.problems.add(key, &json::path(&table, &pointer), "unknown key", help);
                }
            }
            ValidationErrorKind::Required { property } => {
                let name = property.as_str().unwrap_or_default();
                let known = example::placeholder(&near(&self.asked.schema, pointer)["properties"][name]);
                let value = toml_text::value(&known).unwrap_or_else(|| "…".into());
                // As it is written in the account's table.
                let key = json::path("config", &json::pointer(pointer, name));
                let line = format!("write {key} = {value}");
                let what = format!("{} is missing", toml_text::key(name));
                // What is missing stands nowhere: the table is shown, not its content.
                let span = config.key_span(pointer).unwrap_or(&self.written.span);
                self.notes.problems.add(span, &path, what, line);
            }
            _ => {
                let help = match near(&self.asked.schema, pointer)["description"].as_str() {
                    Some(description) => format!("it is meant for: {description}"),
                    None => String::new(),
                };
                self.notes.problems.add(whole(), &path, violation.masked_with(MASK).to_string(), help);
            }
        }
    }

    fn instead_of(&self, name: &str, violation: &ValidationError<'_>) -> String {
        if self.secret(name).is_some() {
            return format!("it is a secret: write {}", example::secret_line(&self.asked.id, name));
        }
        let around = near(&self.asked.schema, violation.instance_path().as_str());
        let known = around["properties"].as_object().into_iter().flatten().map(|(known, _)| known.as_str());
        nearest::hint(name, known)
    }
}

/// The part of the schema that speaks of the value at `pointer`, as far as plain properties lead there.
fn near<'a>(schema: &'a Value, pointer: &str) -> &'a Value {
    let parts = pointer.split('/').skip(1).map(|part| part.replace("~1", "/").replace("~0", "~"));
    parts.fold(schema, |schema, part| match &schema["properties"][part] {
        Value::Null => &schema["items"],
        property => property,
    })
}
