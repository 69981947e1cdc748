//! Row 31. Door: `start`, which lets others run for ever: no turn is long. Ended after the time of `start`, or for its
//! CPU; nobody else is held up meanwhile.
use crate::guest::{Guest, YIELD};

pub fn component() -> anyhow::Result<Vec<u8>> {
    Guest::new("yield_forever").start(YIELD, YIELD).component()
}
