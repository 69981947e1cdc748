//! Row 31. Door: `start`, which answers a code that there is not. Dies, door `start`.
use crate::guest::Guest;

pub fn component() -> anyhow::Result<Vec<u8>> {
    Guest::new("unknown_callback_code").start("(i32.const 15)", "unreachable").component()
}
