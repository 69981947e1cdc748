//! Row 6. Door: the compiler: 60 MB of data. Compiled in no unusual time, refused, or ended with the compile process.
use crate::bytes::{list, module, number, section};
use crate::guest::with_bytes;

pub fn component() -> anyhow::Result<Vec<u8>> {
    const BYTES: usize = 60_000_000;
    let memory = section(5, &list(1, &[&[0], &*number(1024)].concat()));
    let segment = [&[0, 0x41, 0, 0x0b], &*number(BYTES), &vec![b'x'; BYTES]].concat();
    with_bytes("huge_data", &module(&[memory, section(11, &list(1, &segment))]), 0)
}
