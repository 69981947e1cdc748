//! `[limits.most]`: how far an account may go with its own limits.
use super::{Limits, RULES, Rule};
use crate::findings::Findings;
use crate::node::{Node, Said};
use crate::source::Source;
use std::collections::BTreeMap;

/// The bounds by their limits' names. What has none may go as far as its range.
#[derive(Clone, Debug, Default)]
pub(crate) struct Most(BTreeMap<&'static str, Said<u32>>);

const SHAPE: &str = "a table of limits, such as { max_in_flight = 64 }";

impl Most {
    pub fn read(node: &Node<'_>, findings: &mut Findings) -> Self {
        let Some(mut fields) = node.table(findings, SHAPE) else { return Self::default() };
        let mut bounds = BTreeMap::new();
        for rule in &RULES {
            let Some(node) = fields.take(rule.name) else { continue };
            if let Some(bound) = node.number(findings, rule.range.clone()) {
                bounds.insert(rule.name, node.said(bound));
            }
        }
        fields.refuse_others(findings);
        Self(bounds)
    }

    pub fn lowered(&self, limits: Limits) -> Limits {
        limits.map(|rule, value| match self.0.get(rule.name) {
            Some(bound) if is_over(rule.name, value, bound.value) => bound.value,
            _ => value,
        })
    }

    /// Whether the value, which stands at `node`, is within its bound; otherwise that is noted.
    pub fn admits(
        &self,
        rule: &Rule,
        value: u32,
        node: &Node<'_>,
        source: &Source,
        findings: &mut Findings,
    ) -> bool {
        let Some(bound) = self.0.get(rule.name).filter(|bound| is_over(rule.name, value, bound.value)) else {
            return true;
        };
        let (most, place) = (bound.value, source.place(bound));
        // Its range begins with what is within the bound, or with a 0 that is forever.
        let least = rule.range.clone().find(|least| !is_over(rule.name, *least, most)).unwrap_or(most);
        let help = format!("write {least} to {most}, or raise that bound");
        node.wrong(findings, format!("{value} is over the bound of {most} ({place})"), help);
        false
    }
}

/// Of all limits more is more, but 0 seconds until an idle instance is dropped are forever.
fn is_over(name: &str, value: u32, bound: u32) -> bool {
    let size = |value| if name == "idle_seconds" && value == 0 { u32::MAX } else { value };
    size(value) > size(bound)
}
