//! Row 31. Door: `start`, which writes into a future and reads it itself. Dies or goes on; the host must not mind.
use crate::guest::Guest;

pub const FUTURE: &str = r#"
    (import "$root" "[future-new-unit]f" (func $future_new (result i64)))
    (import "$root" "[async-lower][future-read-unit]f" (func $future_read (param i32 i32) (result i32)))
    (import "$root" "[async-lower][future-write-unit]f" (func $future_write (param i32 i32) (result i32)))
    (import "$root" "[future-cancel-read-unit]f" (func $future_cancel_read (param i32) (result i32)))
    (import "$root" "[future-drop-readable-unit]f" (func $future_drop_readable (param i32)))
    (import "$root" "[future-drop-writable-unit]f" (func $future_drop_writable (param i32)))"#;

pub fn component() -> anyhow::Result<Vec<u8>> {
    let first = "(local $ends i64) (local $read i32) (local $write i32)
        (local.set $ends (call $future_new))
        (local.set $read (i32.wrap_i64 (local.get $ends)))
        (local.set $write (i32.wrap_i64 (i64.shr_u (local.get $ends) (i64.const 32))))
        (drop (call $future_read (local.get $read) (i32.const 0)))
        (drop (call $future_write (local.get $write) (i32.const 0)))
        (call $future_drop_readable (local.get $read))
        (call $future_drop_writable (local.get $write))";
    let mut guest = Guest::new("future_with_itself");
    guest.imports = FUTURE.into();
    guest.first(first).component()
}
