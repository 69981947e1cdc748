//! Row 31. Door: a handler, which waits for nothing without leaving its function. Ended after the time of a handler.
use crate::guest::{Guest, WAIT_HERE};

pub fn component() -> anyhow::Result<Vec<u8>> {
    let enter = format!("{WAIT_HERE} unreachable");
    Guest::new("wait_in_function_of_handler").builtins().ticks(&enter, "unreachable").component()
}
