//! `[limits]` and `limits = { … }` of an account, as the operator wrote them.
use super::Limits;
use super::most::Most;
use crate::findings::Findings;
use crate::node::{Fields, Node};
use crate::source::Source;

/// What `[limits]` says.
#[derive(Clone, Debug, Default)]
pub(crate) struct Written {
    /// Of every account that says nothing else.
    pub defaults: Limits,
    most: Most,
}

const SHAPE: &str = "a table of limits, such as { max_in_flight = 16 }";

impl Written {
    pub fn read(source: &Source, node: &Node<'_>, findings: &mut Findings) -> Self {
        let Some(mut fields) = node.table(findings, SHAPE) else { return Self::default() };
        let most = fields.take("most").map(|node| Most::read(&node, findings)).unwrap_or_default();
        // Nobody wrote these, so there is nobody to tell that a bound is below one.
        let unwritten = Self { defaults: most.lowered(Limits::default()), most };
        let defaults = unwritten.changed(source, fields, findings);
        Self { defaults, ..unwritten }
    }

    pub fn of_account(&self, source: &Source, node: &Node<'_>, findings: &mut Findings) -> Limits {
        let Some(mut fields) = node.table(findings, SHAPE) else { return self.defaults };
        if let Some(node) = fields.take_former("most") {
            node.hide(findings);
            node.wrong(findings, "only the file as a whole has bounds", "write [limits.most], or remove it");
        }
        self.changed(source, fields, findings)
    }

    /// The defaults with what stands in the table, as far as it is right.
    fn changed(&self, source: &Source, mut fields: Fields<'_>, findings: &mut Findings) -> Limits {
        let changed = self.defaults.map(|rule, default| {
            let Some(node) = fields.take(rule.name) else { return default };
            let value = node.number(findings, rule.range.clone());
            let value = value.filter(|value| self.most.admits(rule, *value, &node, source, findings));
            value.unwrap_or(default)
        });
        fields.refuse_others(findings);
        changed
    }
}
