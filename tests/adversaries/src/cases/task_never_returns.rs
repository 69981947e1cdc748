//! Row 31. Door: `start`, which waits for nothing. Ended after the time of `start`.
use crate::guest::{Guest, WAIT};

pub fn component() -> anyhow::Result<Vec<u8>> {
    Guest::new("task_never_returns").builtins().start(WAIT, "unreachable").component()
}
