//! Row 31. Door: a task that outlived `start`: a sleep whose result is to be written outside of the memory. Dies, at the
//! call or later.
use crate::guest::Guest;

pub fn component() -> anyhow::Result<Vec<u8>> {
    let first = "(drop (call $sleep (i32.const 200) (i32.const 0xfffffffc)))";
    Guest::new("late_result_out_of_bounds").timers().first(first).component()
}
