//! Row 4. Door: the birth: 25 instances of a module with 10^6 references in segments that no table takes. The component
//! is refused, or the host stays small.
use crate::bytes::{list, module, section};
use crate::guest::with_bytes;

pub fn component() -> anyhow::Result<Vec<u8>> {
    const COUNT: usize = 1_000_000;
    // Passive, with expressions, of functions: `ref.null func`, `end`.
    let segment = [&[5, 0x70], &*list(COUNT, &[0xd0, 0x70, 0x0b].repeat(COUNT))].concat();
    with_bytes("many_elements", &module(&[section(9, &list(1, &segment))]), 25)
}
