//! Row 11. Door: the lifting of the descriptor: a label of 100 MB. The component is refused for the bytes of one host
//! call.
use crate::guest::Guest;

pub fn component() -> anyhow::Result<Vec<u8>> {
    let describe = "(drop (memory.grow (i32.const 1600)))
        (i32.store (i32.const 72) (i32.const 0x10000)) (i32.store (i32.const 76) (i32.const 100000000))
        (i32.const 64)";
    Guest::new("huge_descriptor").describe(describe).component()
}
