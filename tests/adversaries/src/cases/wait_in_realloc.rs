//! Row 31. Door: `cabi_realloc`, which must not wait. Dies, door `start`.
use crate::guest::{Guest, WAIT_HERE};

pub fn component() -> anyhow::Result<Vec<u8>> {
    Guest::new("wait_in_realloc")
        .builtins()
        .realloc(&format!("{WAIT_HERE} (call $alloc (local.get $bytes))"))
        .component()
}
