//! Row 12. Door: `start`, which makes sets for ever. Dies for its handles.
use crate::guest::Guest;

pub fn component() -> anyhow::Result<Vec<u8>> {
    let first = "(loop $more (drop (call $waitable_set_new)) (br $more))";
    Guest::new("waitable_set_flood").builtins().first(first).component()
}
