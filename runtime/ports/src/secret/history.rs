//! The values that a secret has had: all of them are looked for, and who gave the present one decides what it is worth.
use super::Secret;
use std::collections::VecDeque;

#[derive(Clone, Default)]
pub(super) struct History {
    /// That the operator gave and that were replaced; the latest last.
    operators: VecDeque<Secret>,
    /// That arrived and were replaced, or were withheld.
    arrived: VecDeque<Secret>,
    /// The operator's latest, whether it is the present one or was replaced by one that arrived.
    pub provided: Option<Secret>,
    /// Whether the present value arrived.
    pub is_arrived: bool,
    /// How often it changed.
    pub version: u64,
}

/// Former values of each kind that are still looked for. What was replaced is of no use for long, and each makes every
/// search longer.
const MOST: usize = 16;

impl History {
    pub fn of(provided: Option<Secret>) -> Self {
        Self { provided, ..Self::default() }
    }

    /// `value` is not the present one any more.
    pub fn replaced(&mut self, value: Secret) {
        let values = if self.is_arrived { &mut self.arrived } else { &mut self.operators };
        push(values, value);
    }

    /// It is looked for, and nothing else.
    pub fn withhold(&mut self, value: Secret) {
        push(&mut self.arrived, value);
    }

    pub fn values(&self) -> impl Iterator<Item = &Secret> {
        self.operators.iter().chain(&self.arrived).chain(self.provided.as_ref())
    }
}

fn push(values: &mut VecDeque<Secret>, value: Secret) {
    values.retain(|known| *known != value);
    values.push_back(value);
    if values.len() > MOST {
        values.pop_front();
    }
}
