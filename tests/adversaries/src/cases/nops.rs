//! Row 6. Door: the compiler: 16 MiB of nops. Compiled in no unusual time, refused, or ended with the compile process.
use crate::bytes::functions;
use crate::guest::with_bytes;

pub fn component() -> anyhow::Result<Vec<u8>> {
    let body = [&[0], &*vec![1; 4 << 20], &[0x0b]].concat();
    with_bytes("nops", &functions(&vec![body; 4]), 0)
}
