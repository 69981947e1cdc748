//! Row 4. Door: the birth: 25 instances of a module with a million globals, 400 MB of the host's memory that no limit
//! of linear memory sees. The component is refused, and the host stays small.
use crate::bytes::{list, module, section};
use crate::guest::with_bytes;

pub fn component() -> anyhow::Result<Vec<u8>> {
    const COUNT: usize = 1_000_000;
    // A mutable i64 that begins as 0.
    let globals = section(6, &list(COUNT, &[0x7e, 1, 0x42, 0, 0x0b].repeat(COUNT)));
    with_bytes("many_globals", &module(&[globals]), 25)
}
