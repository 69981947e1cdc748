//! Row 2. Door: the exported `_initialize`, which the component calls at its birth. Ended within the CPU that `describe`
//! has; the component is refused.
use crate::guest::{Guest, SPIN};

pub fn component() -> anyhow::Result<Vec<u8>> {
    Guest::new("loop_in_init").more(&format!("(func (export \"_initialize\") {SPIN})")).component()
}
