//! Row 30. Door: `cabi_realloc`, which answers an address outside of its memory. Dies, door `start`.
use crate::guest::Guest;

pub fn component() -> anyhow::Result<Vec<u8>> {
    Guest::new("realloc_out_of_bounds").realloc("(i32.const 0x7ffffff0)").component()
}
