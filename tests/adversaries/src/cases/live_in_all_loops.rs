//! Row 6. Door: the compiler: 5000 locals that change in the innermost of 500 loops: each loop has to pass each on. A
//! small file, millions of values. Refused, or ended with the compile process.
use super::many_locals::function;
use crate::bytes::functions;
use crate::guest::with_bytes;

pub fn component() -> anyhow::Result<Vec<u8>> {
    with_bytes("live_in_all_loops", &functions(&[function(5000, 500)]), 0)
}
