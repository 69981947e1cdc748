//! Row 30. Door: `describe`, which answers an address outside of its memory. The component is refused.
use crate::guest::Guest;

pub fn component() -> anyhow::Result<Vec<u8>> {
    Guest::new("result_out_of_bounds").describe("(i32.const 0xfffffffc)").component()
}
