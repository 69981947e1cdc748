//! Row 31. Door: `_initialize`, which lets others run for ever. The component is refused.
use crate::guest::Guest;

pub fn component() -> anyhow::Result<Vec<u8>> {
    Guest::new("yield_at_birth")
        .builtins()
        .more("(func (export \"_initialize\") (loop $ever (drop (call $thread_yield)) (br $ever)))")
        .component()
}
