//! Row 31. Door: `describe`, which answers as `start` does. The component is refused.
use crate::guest::Guest;

pub fn component() -> anyhow::Result<Vec<u8>> {
    Guest::new("return_in_describe").describe("(call $start_ok) (i32.const 64)").component()
}
