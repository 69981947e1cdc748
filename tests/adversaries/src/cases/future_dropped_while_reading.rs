//! Row 12. Door: `start`, which drops the end of a future that it reads. Dies, door `start`.
use super::future_with_itself::FUTURE;
use crate::guest::Guest;

pub fn component() -> anyhow::Result<Vec<u8>> {
    let first = "(local $read i32)
        (local.set $read (i32.wrap_i64 (call $future_new)))
        (drop (call $future_read (local.get $read) (i32.const 0)))
        (call $future_drop_readable (local.get $read))";
    let mut guest = Guest::new("future_dropped_while_reading");
    guest.imports = FUTURE.into();
    guest.first(first).component()
}
