//! Row 1. Door: the callback of `start`. Ended within 200 ms of CPU.
use crate::guest::{Guest, SPIN, YIELD};

pub fn component() -> anyhow::Result<Vec<u8>> {
    Guest::new("spin_in_callback").start(YIELD, SPIN).component()
}
