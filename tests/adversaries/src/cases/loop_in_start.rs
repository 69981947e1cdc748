//! Row 1. Door: `start`. Ended within 200 ms of CPU, started again with back-off.
use crate::guest::{Guest, SPIN};

pub fn component() -> anyhow::Result<Vec<u8>> {
    Guest::new("loop_in_start").start(SPIN, "unreachable").component()
}
