//! A JSON Schema that nobody vouches for, before it is compiled: it can neither loop nor blow up. References point into the
//! schema itself, never in a circle, and what they unfold to is bounded.
use serde_json::Value;

#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Deepest nesting, references followed.
    pub depth: usize,
    /// Values in it, references unfolded: two definitions that each name the next twice double with every step.
    pub values: usize,
    /// Regular expressions, references unfolded. Each may take much when it is compiled.
    pub patterns: usize,
}

/// # Errors
/// What is wrong with it, as the rest of a sentence about the schema.
pub fn bounded(schema: &Value, bounds: Bounds) -> Result<(), String> {
    Walk { root: schema, bounds, values: 0, patterns: 0, path: Vec::new() }.value(schema, bounds.depth, true)
}

struct Walk<'a> {
    root: &'a Value,
    bounds: Bounds,
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
            return Err(format!("is nested deeper than {}", self.bounds.depth));
        }
        if self.values > self.bounds.values {
            return Err(format!("holds more than {} values, references unfolded", self.bounds.values));
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
                            return Err(format!("uses {key}; refer with \"$ref\": \"#/$defs/…\""));
                        }
                        ("pattern", Value::String(_)) => self.patterns += 1,
                        ("patternProperties", Value::Object(patterns)) => self.patterns += patterns.len(),
                        _ => {}
                    }
                    if self.patterns > self.bounds.patterns {
                        return Err(format!(
                            "holds more than {} patterns, references unfolded",
                            self.bounds.patterns
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
        let bad = |why: &str| Err(format!("refers to {target:?}: {why}"));
        // An escaped pointer could be read in two ways.
        let inside =
            target.strip_prefix('#').filter(|pointer| pointer.starts_with('/') && !pointer.contains('%'));
        let Some(pointer) = inside else {
            return bad("only \"#/$defs/…\" of the same schema can be referred to; nothing is fetched");
        };
        if self.path.contains(&pointer) {
            return bad("a circle");
        }
        let Some(value) = self.root.pointer(pointer) else { return bad("there is no such place") };
        self.path.push(pointer);
        self.value(value, depth - 1, false)?;
        self.path.pop();
        Ok(())
    }
}
