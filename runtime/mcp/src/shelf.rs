//! What a set of tools offers at one moment, with what is held against arguments.
use crate::schema;
use crate::tools::Tool;
use jsonschema::Validator;
use serde_json::Value;
use std::sync::{Arc, OnceLock};
use tracing::warn;

/// Names told to who asked for one that there is not.
const MOST_NAMES: usize = 50;

pub(crate) struct Shelf {
    /// Of the changes.
    pub version: u64,
    tools: Vec<Arc<Entry>>,
}

pub(crate) struct Entry {
    pub tool: Tool,
    /// Made at the first call.
    validator: OnceLock<Option<Validator>>,
}

impl Shelf {
    /// Not looked at yet.
    pub fn empty(version: u64) -> Self {
        Self { version, tools: Vec::new() }
    }

    /// What did not change is taken over, so that what was said of it is not said again.
    pub fn new(version: u64, tools: Vec<Tool>, former: &Shelf) -> Self {
        let entry = |tool: Tool| {
            let same = former.tools.iter().find(|entry| entry.tool == tool);
            same.cloned().unwrap_or_else(|| Arc::new(Entry { tool, validator: OnceLock::new() }))
        };
        Self { version, tools: tools.into_iter().map(entry).collect() }
    }

    pub fn tools(&self) -> impl Iterator<Item = &Tool> {
        self.tools.iter().map(|entry| &entry.tool)
    }

    pub fn find(&self, name: &str) -> Option<Arc<Entry>> {
        self.tools.iter().find(|entry| entry.tool.name == name).cloned()
    }

    pub fn names(&self) -> String {
        let names: Vec<&str> = self.tools().map(|tool| tool.name.as_str()).take(MOST_NAMES).collect();
        match self.tools.len() {
            0 => "there are none now".into(),
            all if all > MOST_NAMES => {
                format!("there are {} and {} more", names.join(", "), all - MOST_NAMES)
            }
            _ => format!("there are {}", names.join(", ")),
        }
    }
}

impl Entry {
    /// # Errors
    /// What is wrong with the arguments, and where.
    pub fn check(&self, endpoint: &str, arguments: &Value) -> Result<(), String> {
        let validator = self.validator.get_or_init(|| {
            let compiled = schema::compile(&self.tool.arguments);
            compiled.inspect_err(|why| self.warn(endpoint, why)).ok()
        });
        validator.as_ref().map_or(Ok(()), |validator| schema::check(validator, arguments))
    }

    fn warn(&self, endpoint: &str, why: &str) {
        let why = schema::cut(why.to_owned(), 256);
        warn!(endpoint, tool = %self.tool.name, why, "a tool's arguments go unchecked: its JSON Schema cannot be used");
    }
}
