//! Row 31. Door: `start`, which ends without having answered. Dies, door `start`.
use crate::guest::{EXIT, Guest};

pub fn component() -> anyhow::Result<Vec<u8>> {
    Guest::new("exit_without_return").start(EXIT, "unreachable").component()
}
