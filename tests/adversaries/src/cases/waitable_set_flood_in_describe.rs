//! Row 12. Door: `describe`, which makes sets for ever. The component is refused for its handles, and the host stays
//! small.
use crate::guest::Guest;

pub fn component() -> anyhow::Result<Vec<u8>> {
    let describe = "(loop $more (drop (call $waitable_set_new)) (br $more)) unreachable";
    Guest::new("waitable_set_flood_in_describe").builtins().describe(describe).component()
}
