//! Row 31. Door: a handler, which waits for nothing. Ended after the time of a handler and its grace.
use crate::guest::{Guest, WAIT};

pub fn component() -> anyhow::Result<Vec<u8>> {
    Guest::new("handler_never_returns").builtins().ticks(WAIT, "unreachable").component()
}
