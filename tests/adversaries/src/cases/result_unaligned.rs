//! Row 30. Door: `describe`, which answers an address that does not fit its record's alignment. The component is
//! refused.
use crate::guest::Guest;

pub fn component() -> anyhow::Result<Vec<u8>> {
    Guest::new("result_unaligned").describe("(i32.const 65)").component()
}
