//! Reading JSON that may lack anything or hold another type than expected: what is not as it should be is absent.

use serde_json::Value;

pub(crate) trait Lenient {
    /// The field, unless it is absent or null.
    fn field(&self, name: &str) -> Option<&Value>;
    fn text(&self, name: &str) -> Option<&str>;
    /// A whole number that is not negative; one written as a float counts.
    fn whole(&self, name: &str) -> Option<u64>;
    fn flag(&self, name: &str) -> bool;
    /// The strings of an array, others left out.
    fn texts(&self, name: &str) -> Vec<String>;
    fn list(&self, name: &str) -> &[Value];

    fn owned(&self, name: &str) -> Option<String> {
        self.text(name).map(str::to_owned)
    }
}

impl Lenient for Value {
    fn field(&self, name: &str) -> Option<&Value> {
        self.get(name).filter(|value| !value.is_null())
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str()
    }

    fn whole(&self, name: &str) -> Option<u64> {
        let value = self.get(name)?;
        let float = || value.as_f64().filter(|number| number.is_finite() && *number >= 0.0);
        value.as_u64().or_else(|| float().map(|number| number as u64))
    }

    fn flag(&self, name: &str) -> bool {
        self.get(name).and_then(Value::as_bool).unwrap_or(false)
    }

    fn texts(&self, name: &str) -> Vec<String> {
        self.list(name).iter().filter_map(Value::as_str).map(str::to_owned).collect()
    }

    fn list(&self, name: &str) -> &[Value] {
        self.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
    }
}

/// The text of a message's content, which is a string or an array of blocks. Blocks that are no text (tool calls,
/// images) say nothing; none at all is None.
pub(crate) fn content(content: &Value) -> Option<String> {
    match content {
        Value::String(text) => Some(text.clone()),
        Value::Array(blocks) => {
            let mut texts =
                blocks.iter().filter_map(|block| block.as_str().or_else(|| block.text("text"))).peekable();
            texts.peek()?;
            Some(texts.collect())
        }
        _ => None,
    }
}

/// The text of a message: its content, else its plain `text`.
pub(crate) fn message(message: &Value) -> Option<String> {
    message.get("content").and_then(content).or_else(|| message.owned("text")).or_else(|| content(message))
}
