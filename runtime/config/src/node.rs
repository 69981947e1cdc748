//! One value of the file with its path and place: asked for as a type, it answers or notes what is wrong.
use crate::findings::Findings;
use crate::nearest;
use crate::source::Span;
use crate::toml_text;
use std::ops::RangeInclusive;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

#[derive(Clone)]
pub(crate) struct Node<'a> {
    pub path: String,
    pub span: Span,
    pub value: &'a DeValue<'a>,
    /// Of the value itself, which for a table is more than its key.
    pub whole: Span,
}

/// What the file says, and where.
#[derive(Clone, Debug)]
pub(crate) struct Said<T> {
    pub value: T,
    pub path: String,
    pub span: Span,
}

impl<'a> Node<'a> {
    fn new(path: String, key: Option<Span>, value: &'a Spanned<DeValue<'a>>) -> Self {
        let (whole, value) = (value.span(), value.get_ref());
        let span = match (value, key) {
            (DeValue::Table(_), Some(key)) => key,
            _ => whole.clone(),
        };
        Self { path, span, value, whole }
    }

    pub fn wrong(&self, findings: &mut Findings, what: impl Into<String>, help: impl Into<String>) {
        findings.add(&self.span, &self.path, what, help);
    }

    pub fn said<T>(&self, value: T) -> Said<T> {
        Said { value, path: self.path.clone(), span: self.span.clone() }
    }

    /// It may be a secret: no report shows it. Only its leaves: where a table is written with dots, its own place is
    /// that of its key.
    pub fn hide(&self, findings: &mut Findings) {
        hide(&self.whole, self.value, findings);
    }

    /// From the reports that come later too; only for a leaf.
    pub fn hide_for_good(&self, findings: &mut Findings) {
        findings.hide_for_good(&self.whole);
    }

    pub fn expected(&self, findings: &mut Findings, what: &str) {
        let found = match self.value {
            DeValue::Array(_) | DeValue::Integer(_) => format!("an {}", self.value.type_str()),
            _ => format!("a {}", self.value.type_str()),
        };
        self.wrong(findings, format!("{found} cannot stand here"), format!("write {what}"));
    }

    /// `shape` is what to write, shown to one who wrote another type.
    pub fn text(&self, findings: &mut Findings, shape: &str) -> Option<&'a str> {
        let text = self.value.as_str();
        if text.is_none() {
            self.expected(findings, shape);
        }
        text
    }

    pub fn boolean(&self, findings: &mut Findings) -> Option<bool> {
        let value = self.value.as_bool();
        if value.is_none() {
            self.expected(findings, "true or false");
        }
        value
    }

    pub fn number(&self, findings: &mut Findings, range: RangeInclusive<u32>) -> Option<u32> {
        let shape = format!("{} to {}", range.start(), range.end());
        let Some(integer) = self.value.as_integer() else {
            self.expected(findings, &format!("a whole number, {shape}"));
            return None;
        };
        let number = u32::from_str_radix(integer.as_str(), integer.radix()).ok();
        let inside = number.filter(|number| range.contains(number));
        if inside.is_none() {
            self.wrong(findings, format!("{integer} is out of range"), format!("write {shape}"));
        }
        inside
    }

    pub fn list(&self, findings: &mut Findings, shape: &str) -> Vec<Node<'a>> {
        let Some(array) = self.value.as_array() else {
            self.expected(findings, shape);
            return Vec::new();
        };
        let item = |(nth, value): (usize, &'a Spanned<DeValue<'a>>)| {
            Node::new(format!("{}[{nth}]", self.path), None, value)
        };
        array.iter().enumerate().map(item).collect()
    }

    pub fn table(&self, findings: &mut Findings, shape: &str) -> Option<Fields<'a>> {
        let table = self.value.as_table();
        if table.is_none() {
            self.expected(findings, shape);
        }
        Some(Fields::new(self.path.clone(), table?))
    }
}

/// The fields of a table. What nobody takes is unknown.
pub(crate) struct Fields<'a> {
    path: String,
    table: &'a DeTable<'a>,
    known: Vec<&'static str>,
    /// A key of earlier versions, or of another table: who writes it is told so, and nobody is told to write it.
    former: Option<&'static str>,
}

impl<'a> Fields<'a> {
    pub fn new(path: String, table: &'a DeTable<'a>) -> Self {
        Self { path, table, known: Vec::new(), former: None }
    }

    pub fn take(&mut self, name: &'static str) -> Option<Node<'a>> {
        self.known.push(name);
        self.find(name)
    }

    pub fn take_former(&mut self, name: &'static str) -> Option<Node<'a>> {
        self.former = Some(name);
        self.find(name)
    }

    fn find(&self, name: &str) -> Option<Node<'a>> {
        let (key, value) = self.table.get_key_value(name)?;
        Some(Node::new(toml_text::path(&self.path, name), Some(key.span()), value))
    }

    /// `example` is a value to write, shown to one who left it out of the table `around`.
    pub fn required(
        &mut self,
        name: &'static str,
        example: &str,
        around: &Node<'_>,
        findings: &mut Findings,
    ) -> Option<Node<'a>> {
        let node = self.take(name);
        if node.is_none() {
            around.wrong(findings, format!("{name} is missing"), format!("write {name} = {example}"));
        }
        node
    }

    /// Every field, where the keys are names that the operator chose.
    pub fn all(self) -> impl Iterator<Item = (&'a str, Span, Node<'a>)> {
        self.table.iter().map(move |(key, value)| {
            let name: &str = key.get_ref();
            (name, key.span(), Node::new(toml_text::path(&self.path, name), Some(key.span()), value))
        })
    }

    pub fn refuse_others(self, findings: &mut Findings) {
        for (key, value) in self.table {
            let name: &str = key.get_ref();
            if !self.known.contains(&name) && self.former != Some(name) {
                hide(&value.span(), value.get_ref(), findings);
                let help = nearest::hint(name, self.known.iter().copied());
                findings.add(&key.span(), &toml_text::path(&self.path, name), "unknown key", help);
            }
        }
    }
}

fn hide(span: &Span, value: &DeValue<'_>, findings: &mut Findings) {
    match value {
        DeValue::Table(fields) => {
            fields.iter().for_each(|(_, field)| hide(&field.span(), field.get_ref(), findings));
        }
        DeValue::Array(items) => items.iter().for_each(|item| hide(&item.span(), item.get_ref(), findings)),
        _ => findings.hide(span),
    }
}
