//! Row 2. Door: `cabi_realloc`, when the host writes the strings of `start`. Ended within 200 ms of CPU; the door is
//! `start`.
use crate::guest::{Guest, SPIN};

pub fn component() -> anyhow::Result<Vec<u8>> {
    Guest::new("loop_in_realloc").realloc(SPIN).component()
}
