//! A table of the file as JSON, remembering where each value stands.
use crate::findings::Findings;
use crate::node::Node;
use crate::source::Span;
use crate::toml_text;
use serde_json::{Map, Number, Value};
use std::collections::BTreeMap;
use toml::de::DeValue;

/// Deepest nesting of a configuration: nobody writes more by hand, and a connector's parser may be recursive.
const MAX_DEPTH: usize = 32;

#[derive(Clone, Debug)]
pub(crate) struct Located {
    pub value: Value,
    /// By RFC 6901 pointer: where the value stands, and where its key.
    spans: BTreeMap<String, (Span, Span)>,
}

impl Located {
    /// Of an account that writes none.
    pub fn empty() -> Self {
        Self { value: Value::Object(Map::new()), spans: BTreeMap::new() }
    }

    pub fn read(node: &Node<'_>, findings: &mut Findings) -> Self {
        let mut spans = BTreeMap::new();
        let value = convert(node, &node.span, "", MAX_DEPTH, &mut spans, findings).unwrap_or_default();
        Self { value, spans }
    }

    /// Of the value, or of the nearest thing around it that stands in the file.
    pub fn value_span(&self, pointer: &str) -> Option<&Span> {
        self.around(pointer).map(|(value, _)| value)
    }

    pub fn key_span(&self, pointer: &str) -> Option<&Span> {
        self.around(pointer).map(|(_, key)| key)
    }

    /// Where each value stands that holds no others, by its pointer.
    pub fn leaves(&self) -> impl Iterator<Item = (&str, &Span)> {
        let is_leaf =
            |pointer: &str| self.value.pointer(pointer).is_some_and(|v| !v.is_object() && !v.is_array());
        let leaves = self.spans.iter().filter(move |(pointer, _)| is_leaf(pointer));
        leaves.map(|(pointer, (value, _))| (pointer.as_str(), value))
    }

    /// Where the text stands, in a value or in a key; each with its pointer.
    pub fn holding(&self, text: &str) -> impl Iterator<Item = (&str, &Span)> {
        let in_value = move |pointer: &str| match self.value.pointer(pointer) {
            Some(Value::String(value)) => value.contains(text),
            Some(Value::Number(number)) => number.to_string().contains(text),
            _ => false,
        };
        let in_key = move |pointer: &str| {
            pointer.rsplit_once('/').is_some_and(|(_, name)| unescaped(name).contains(text))
        };
        self.spans.iter().filter_map(move |(pointer, (value, key))| {
            let span = if in_value(pointer) { Some(value) } else { Some(key).filter(|_| in_key(pointer)) };
            Some((pointer.as_str(), span?))
        })
    }

    fn around(&self, mut pointer: &str) -> Option<&(Span, Span)> {
        loop {
            match (self.spans.get(pointer), pointer.rfind('/')) {
                (Some(spans), _) => return Some(spans),
                (None, Some(slash)) => pointer = &pointer[..slash],
                (None, None) => return None,
            }
        }
    }
}

/// How a report names what `pointer` points at.
pub(crate) fn path(parent: &str, pointer: &str) -> String {
    pointer.split('/').skip(1).fold(parent.to_owned(), |path, part| match part.parse::<usize>() {
        Ok(nth) => format!("{path}[{nth}]"),
        Err(_) => toml_text::path(&path, &unescaped(part)),
    })
}

fn unescaped(part: &str) -> String {
    part.replace("~1", "/").replace("~0", "~")
}

/// `parent/name`, escaped as RFC 6901 says.
pub(crate) fn pointer(parent: &str, name: &str) -> String {
    format!("{parent}/{}", name.replace('~', "~0").replace('/', "~1"))
}

fn convert(
    node: &Node<'_>,
    key: &Span,
    at: &str,
    depth: usize,
    spans: &mut BTreeMap<String, (Span, Span)>,
    findings: &mut Findings,
) -> Option<Value> {
    if depth == 0 {
        node.wrong(findings, format!("nested deeper than {MAX_DEPTH}"), "flatten it");
        return None;
    }
    spans.insert(at.into(), (node.whole.clone(), key.clone()));
    let wrong = |findings: &mut Findings, help: &str| {
        node.wrong(findings, format!("JSON cannot hold this {}", node.value.type_str()), help);
        None
    };
    Some(match node.value {
        DeValue::String(text) => {
            // Nobody knows yet what the key means: it may be a secret at the wrong place.
            node.hide(findings);
            Value::String(text.to_string())
        }
        DeValue::Boolean(value) => Value::Bool(*value),
        DeValue::Integer(integer) => match i64::from_str_radix(integer.as_str(), integer.radix()) {
            Ok(number) => number.into(),
            Err(_) => return wrong(findings, "write a number of 64 bits, or a string"),
        },
        DeValue::Float(float) => match float.as_str().parse().ok().and_then(Number::from_f64) {
            Some(number) => Value::Number(number),
            None => return wrong(findings, "write a finite number"),
        },
        DeValue::Datetime(_) => return wrong(findings, "put it in quotes"),
        DeValue::Array(_) => {
            let items = node.list(findings, "a list").into_iter().enumerate();
            let item = |(nth, item): (usize, Node<'_>)| {
                convert(&item, &item.span, &pointer(at, &nth.to_string()), depth - 1, spans, findings)
            };
            // All of them first: each may have something to say.
            let items: Vec<_> = items.map(item).collect();
            Value::Array(items.into_iter().collect::<Option<_>>()?)
        }
        DeValue::Table(_) => {
            let fields = node.table(findings, "a table")?.all();
            let field = |(name, key, field): (&str, Span, Node<'_>)| {
                let value = convert(&field, &key, &pointer(at, name), depth - 1, spans, findings);
                Some((name.to_owned(), value?))
            };
            let fields: Vec<_> = fields.map(field).collect();
            Value::Object(fields.into_iter().collect::<Option<Map<_, _>>>()?)
        }
    })
}
