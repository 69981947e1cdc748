//! Row 5. Door: `cabi_realloc`, which must not leave the component. Dies with the cause that it tried to.
use crate::guest::Guest;

pub fn component() -> anyhow::Result<Vec<u8>> {
    let realloc = "(drop (call $now)) (call $alloc (local.get $bytes))";
    Guest::new("import_called_in_realloc").timers().realloc(realloc).component()
}
