//! Row 6. Door: the compiler: blocks within blocks, 10^5 deep. Compiled in no unusual time, refused, or ended with the
//! compile process; the stack of the host is not at its end.
use crate::bytes::functions;
use crate::guest::with_bytes;

pub fn component() -> anyhow::Result<Vec<u8>> {
    const DEPTH: usize = 100_000;
    let body = [&[0], &*[2, 0x40].repeat(DEPTH), &[0x0b].repeat(DEPTH), &[0x0b]].concat();
    with_bytes("deep_nesting", &functions(&[body]), 0)
}
