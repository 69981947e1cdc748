//! `[compiler]`: what compiling a component may take. One can be made to be slow, or large, to compile.
use crate::findings::Findings;
use crate::node::Node;
use std::ops::RangeInclusive;

/// Of every component, whoever wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CompilerSettings {
    /// Wall time of one. Default 120, range 1 to 3600.
    pub seconds: u32,
    /// Memory of one, in MiB. Default 2048, range 256 to 65536.
    pub memory_mib: u32,
    /// How many are compiled at once; the others wait. Default 1, range 1 to 64.
    pub at_once: u32,
    /// How long instances that could start wait for components that are still compiled; those join later. Default 15,
    /// range 0 to 3600.
    pub others_wait_seconds: u32,
}

/// Default and range. A large connector takes seconds; two minutes leave room for a slow and busy machine.
const SECONDS: (u32, RangeInclusive<u32>) = (120, 1..=3600);

/// Room for any honest component, and still a machine's usual share: past it the compiling fails and not the host.
const MEMORY_MIB: (u32, RangeInclusive<u32>) = (2048, 256..=65536);

/// One leaves the other cores to the instances that run, and takes `memory_mib` no more than once.
const AT_ONCE: (u32, RangeInclusive<u32>) = (1, 1..=64);

/// A start in which nothing is compiled takes less; and nobody should be without all his connectors for longer than
/// that, for the sake of one.
const OTHERS_WAIT_SECONDS: (u32, RangeInclusive<u32>) = (15, 0..=3600);

impl Default for CompilerSettings {
    fn default() -> Self {
        Self {
            seconds: SECONDS.0,
            memory_mib: MEMORY_MIB.0,
            at_once: AT_ONCE.0,
            others_wait_seconds: OTHERS_WAIT_SECONDS.0,
        }
    }
}

pub(crate) fn read(node: &Node<'_>, findings: &mut Findings) -> CompilerSettings {
    let shape = "a table such as { seconds = 120 }";
    let Some(mut fields) = node.table(findings, shape) else { return CompilerSettings::default() };
    let mut number = |name, (default, range)| {
        let written = fields.take(name).and_then(|node| node.number(findings, range));
        written.unwrap_or(default)
    };
    let settings = CompilerSettings {
        seconds: number("seconds", SECONDS),
        memory_mib: number("memory_mib", MEMORY_MIB),
        at_once: number("at_once", AT_ONCE),
        others_wait_seconds: number("others_wait_seconds", OTHERS_WAIT_SECONDS),
    };
    fields.refuse_others(findings);
    settings
}
