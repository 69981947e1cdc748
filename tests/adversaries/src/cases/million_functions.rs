//! Row 6. Door: the compiler: a million functions that do nothing. Refused, or ended with the compile process.
use crate::bytes::{list, module, section};
use crate::guest::with_bytes;

pub fn component() -> anyhow::Result<Vec<u8>> {
    const COUNT: usize = 1_000_000;
    let types = section(1, &list(1, &[0x60, 0, 0]));
    let declared = section(3, &list(COUNT, &vec![0; COUNT]));
    let code = section(10, &list(COUNT, &[2, 0, 0x0b].repeat(COUNT)));
    with_bytes("million_functions", &module(&[types, declared, code]), 0)
}
