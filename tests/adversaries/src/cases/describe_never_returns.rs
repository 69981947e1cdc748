//! Row 31. Door: the compiler: `describe` is not async and is lifted as if it were; it waits for nothing. Refused.
use crate::guest::{Guest, WAIT};

pub fn component() -> anyhow::Result<Vec<u8>> {
    Guest::new("describe_never_returns").builtins().async_describe(WAIT, "unreachable").component()
}
