//! Row 6. Door: the compiler: a `br_table` with seven million targets. Refused.
use super::huge_br_table::function;
use crate::bytes::functions;
use crate::guest::with_bytes;

pub fn component() -> anyhow::Result<Vec<u8>> {
    with_bytes("huge_br_table_refused", &functions(&[function(7_000_000, 1)]), 0)
}
