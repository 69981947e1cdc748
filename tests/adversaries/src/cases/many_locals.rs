//! Row 6. Door: the compiler: 50,000 locals, all read and written. Compiled in no unusual time, refused, or ended with
//! the compile process.
use crate::bytes::{functions, list, number};
use crate::guest::with_bytes;

const LOCALS: usize = 50_000;

pub fn component() -> anyhow::Result<Vec<u8>> {
    with_bytes("many_locals", &functions(&[function(LOCALS, 1)]), 0)
}

/// So many loops within each other, in the innermost of which each local has 1 added to it.
pub fn function(locals: usize, loops: usize) -> Vec<u8> {
    let mut body = list(1, &[&*number(locals), &[0x7e]].concat());
    body.extend([3, 0x40].repeat(loops));
    for local in 0..locals {
        let local = number(local);
        body.extend([&[0x20], &*local, &[0x42, 1, 0x7c, 0x21], &local].concat());
    }
    // At each end: back to the loop if the first local is 0.
    body.extend([0x20, 0, 0x50, 0x0d, 0, 0x0b].repeat(loops));
    body.push(0x0b);
    body
}
