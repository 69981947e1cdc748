//! Row 4. Door: the birth: a table of 10^7 elements. The component is refused for table
//! elements over its limit.
use crate::guest::with_module;

pub fn component() -> anyhow::Result<Vec<u8>> {
    with_module("big_initial_table", "(module (table 10000000 funcref))")
}
