//! Row 12. Door: `start`, which reads and writes 2^28 - 1 nothings in a stream with itself. Dies or goes on.
use crate::guest::Guest;

pub fn component() -> anyhow::Result<Vec<u8>> {
    let first = "(local $ends i64) (local $read i32) (local $write i32)
        (local.set $ends (call $stream_new))
        (local.set $read (i32.wrap_i64 (local.get $ends)))
        (local.set $write (i32.wrap_i64 (i64.shr_u (local.get $ends) (i64.const 32))))
        (drop (call $stream_read (local.get $read) (i32.const 0xfffffff0) (i32.const 0x0fffffff)))
        (drop (call $stream_write (local.get $write) (i32.const 0xfffffff0) (i32.const 0x0fffffff)))";
    let mut guest = Guest::new("stream_out_of_bounds");
    guest.imports = r#"
        (import "$root" "[stream-new-unit]s" (func $stream_new (result i64)))
        (import "$root" "[async-lower][stream-read-unit]s" (func $stream_read (param i32 i32 i32) (result i32)))
        (import "$root" "[async-lower][stream-write-unit]s" (func $stream_write (param i32 i32 i32) (result i32)))"#
        .into();
    guest.first(first).component()
}
