//! Row 12. Door: `start`, which drops the writing end of a future without having written. Dies, door `start`.
use super::future_with_itself::FUTURE;
use crate::guest::Guest;

pub fn component() -> anyhow::Result<Vec<u8>> {
    let first = "(local $ends i64)
        (local.set $ends (call $future_new))
        (call $future_drop_writable (i32.wrap_i64 (i64.shr_u (local.get $ends) (i64.const 32))))";
    let mut guest = Guest::new("future_dropped_unwritten");
    guest.imports = FUTURE.into();
    guest.first(first).component()
}
