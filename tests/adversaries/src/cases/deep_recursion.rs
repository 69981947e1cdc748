//! Row 5. Door: `start`. Dies because it ran out of stack; the host's own stack is not at its end.
use crate::guest::Guest;

pub fn component() -> anyhow::Result<Vec<u8>> {
    Guest::new("deep_recursion")
        .more("(func $deep (result i32) (i32.add (call $deep) (i32.const 1)))")
        .start("(call $deep)", "unreachable")
        .component()
}
