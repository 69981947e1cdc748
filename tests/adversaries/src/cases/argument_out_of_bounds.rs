//! Row 30. Door: `start`, which gives a text outside of its memory to the host. Dies, door `start`.
use crate::guest::Guest;

pub fn component() -> anyhow::Result<Vec<u8>> {
    let first = "(call $subscribe (i32.const 0xfffffff0) (i32.const 1000) (i32.const 100) (i32.const 2048))";
    Guest::new("argument_out_of_bounds").timers().first(first).component()
}
