//! Row 31. Door: `describe`, which cannot be entered: it takes no call from its birth on. The component is refused.
use crate::guest::Guest;

pub fn component() -> anyhow::Result<Vec<u8>> {
    Guest::new("backpressure_at_birth")
        .builtins()
        .more("(func (export \"_initialize\") (call $backpressure_inc))")
        .component()
}
