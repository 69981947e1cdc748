//! No adversaries: the template without a bad part.
use crate::guest::{EXIT, Guest};

/// Proves that what the others are refused for is what they add.
pub fn component() -> anyhow::Result<Vec<u8>> {
    Guest::new("well_behaved").component()
}

/// Takes a tick every 100 ms: how many it got tells whether somebody holds it up. Its id is `neighbour`.
pub fn neighbour() -> anyhow::Result<Vec<u8>> {
    Guest::new("neighbour").ticks(&format!("(call $fire_done) {EXIT}"), "unreachable").component()
}

/// Has a table of so many elements.
pub fn table(elements: u32) -> anyhow::Result<Vec<u8>> {
    Guest::new("table").more(&format!("(table $t {elements} funcref)")).component()
}
