//! Row 6. Door: the compiler: loops within loops, 10^5 deep, each with a way back. Compiled in no unusual time, refused,
//! or ended with the compile process; the stack of the host is not at its end.
use crate::bytes::functions;
use crate::guest::with_bytes;

pub fn component() -> anyhow::Result<Vec<u8>> {
    const DEPTH: usize = 100_000;
    // At each end: back to the loop if 0 is not 0.
    let back = [0x41, 0, 0x0d, 0, 0x0b];
    let body = [&[0], &*[3, 0x40].repeat(DEPTH), &back.repeat(DEPTH), &[0x0b]].concat();
    with_bytes("deep_loops", &functions(&[body]), 0)
}
