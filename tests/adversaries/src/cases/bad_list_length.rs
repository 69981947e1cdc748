//! Row 11. Door: the lifting of the descriptor: 2^31 hints. The component is refused, and nothing is allocated for them.
use crate::guest::Guest;

pub fn component() -> anyhow::Result<Vec<u8>> {
    let describe = "(i32.store (i32.const 100) (i32.const 0x80000000)) (i32.const 64)";
    Guest::new("bad_list_length").describe(describe).component()
}
