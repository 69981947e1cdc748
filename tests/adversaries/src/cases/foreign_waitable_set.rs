//! Row 12. Door: `start`, which waits for a set that it never got. Dies, door `start`.
use crate::guest::Guest;

pub fn component() -> anyhow::Result<Vec<u8>> {
    Guest::new("foreign_waitable_set").start("(i32.const 0x9992)", "unreachable").component()
}
