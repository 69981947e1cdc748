//! Row 38, the older exceptions. Door: the compiler: a try. Refused.
use crate::bytes::functions;
use crate::guest::with_bytes;

pub fn component() -> anyhow::Result<Vec<u8>> {
    // No locals; `try`, `catch_all`, `end`, `end`.
    with_bytes("exceptions_legacy", &functions(&[vec![0, 6, 0x40, 0x19, 0x0b, 0x0b]]), 0)
}
