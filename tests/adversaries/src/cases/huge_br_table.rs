//! Row 6. Door: the compiler: 800 times a `br_table` with 65,000 targets, as many as cranelift takes, over eight functions.
//! Compiled in no unusual time, refused, or ended with the compile process.
use crate::bytes::{functions, number};
use crate::guest::with_bytes;

pub fn component() -> anyhow::Result<Vec<u8>> {
    with_bytes("huge_br_table", &functions(&vec![function(65_000, 100); 8]), 0)
}

/// So many tables, each in a block of its own. All targets and the default are that block.
pub fn function(targets: usize, tables: usize) -> Vec<u8> {
    let one = [&[2, 0x40, 0x41, 0, 0x0e], &*number(targets), &vec![0; targets + 1], &[0x0b]].concat();
    [&[0], &*one.repeat(tables), &[0x0b]].concat()
}
