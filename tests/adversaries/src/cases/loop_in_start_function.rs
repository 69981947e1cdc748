//! Row 2. Door: a core start function. Ended within the CPU that `describe` has; the component is refused.
use crate::guest::{Guest, SPIN};

pub fn component() -> anyhow::Result<Vec<u8>> {
    Guest::new("loop_in_start_function").at_birth(SPIN).component()
}
