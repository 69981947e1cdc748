//! Row 12. Door: `start`, which joins a set to itself. Dies, door `start`.
use crate::guest::Guest;

pub fn component() -> anyhow::Result<Vec<u8>> {
    let first = "(local $set i32) (local.set $set (call $waitable_set_new))
        (call $waitable_join (local.get $set) (local.get $set))";
    Guest::new("foreign_join").builtins().first(first).component()
}
