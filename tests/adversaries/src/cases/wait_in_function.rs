//! Row 31. Door: `start`, which waits for nothing without leaving its function. Ended after the time of `start`.
use crate::guest::{Guest, WAIT_HERE};

pub fn component() -> anyhow::Result<Vec<u8>> {
    Guest::new("wait_in_function").builtins().first(WAIT_HERE).component()
}
