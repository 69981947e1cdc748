//! Row 31. Door: `_initialize`, where nobody may wait. The component is refused.
use crate::guest::{Guest, WAIT_HERE};

pub fn component() -> anyhow::Result<Vec<u8>> {
    Guest::new("wait_at_birth")
        .builtins()
        .more(&format!("(func (export \"_initialize\") {WAIT_HERE})"))
        .component()
}
