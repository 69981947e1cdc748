//! Row 4. Door: the birth: a table of 10^9 elements. The component is refused for table elements over its limit.
use crate::guest::with_module;

pub fn component() -> anyhow::Result<Vec<u8>> {
    with_module("table_bomb", "(module (table 1000000000 funcref))")
}
