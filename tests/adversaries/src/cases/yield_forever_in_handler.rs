//! Row 31. Door: a handler, which lets others run for ever. Ended after the time of a handler, or for its CPU.
use crate::guest::{Guest, YIELD};

pub fn component() -> anyhow::Result<Vec<u8>> {
    Guest::new("yield_forever_in_handler").ticks(YIELD, YIELD).component()
}
