//! Row 31. Door: tasks that outlived their handlers, one more ten times a second. Ended for their CPU or their number.
use crate::guest::{Guest, YIELD};

pub fn component() -> anyhow::Result<Vec<u8>> {
    Guest::new("yield_forever_after_handler").ticks(&format!("(call $fire_done) {YIELD}"), YIELD).component()
}
