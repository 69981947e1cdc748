//! Rows 1 and 2. Door: `describe`. Ended within its CPU; the component is refused.
use crate::guest::{Guest, SPIN};

pub fn component() -> anyhow::Result<Vec<u8>> {
    Guest::new("loop_in_describe").describe(SPIN).component()
}
