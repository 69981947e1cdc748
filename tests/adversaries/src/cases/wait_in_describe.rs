//! Row 31. Door: `describe`, which is not async and waits for nothing. The component is refused.
use crate::guest::{Guest, WAIT_HERE};

pub fn component() -> anyhow::Result<Vec<u8>> {
    Guest::new("wait_in_describe").builtins().describe(&format!("{WAIT_HERE} (i32.const 64)")).component()
}
