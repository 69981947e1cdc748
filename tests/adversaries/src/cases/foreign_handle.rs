//! Row 12. Door: `start`, which drops a subtask that it never got. Dies, door `start`.
use crate::guest::Guest;

pub fn component() -> anyhow::Result<Vec<u8>> {
    Guest::new("foreign_handle").builtins().first("(call $subtask_drop (i32.const 1234))").component()
}
