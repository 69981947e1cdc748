//! As `pingpong_after_return`, but without an answer: the handler goes on for ever.
use crate::cases::future_with_itself::FUTURE;
use crate::guest::Guest;
pub fn component() -> anyhow::Result<Vec<u8>> {
    let wait = "(i32.or (i32.const 2) (i32.shl (global.get $set) (i32.const 4)))";
    let enter = format!(
        "(if (i32.eqz (global.get $set)) (then (global.set $set (call $waitable_set_new)))) (call $arm) {wait}"
    );
    let callback = format!(
        "(call $future_drop_readable (global.get $r)) (call $future_drop_writable (global.get $w)) (call $arm) {wait}"
    );
    let mut guest = Guest::new("pingpong_in_handler").builtins();
    guest.imports += FUTURE;
    let guest = guest.more(r#"
      (global $set (mut i32) (i32.const 0)) (global $r (mut i32) (i32.const 0)) (global $w (mut i32) (i32.const 0))
      (func $arm (local $ends i64)
        (local.set $ends (call $future_new))
        (global.set $r (i32.wrap_i64 (local.get $ends)))
        (global.set $w (i32.wrap_i64 (i64.shr_u (local.get $ends) (i64.const 32))))
        (call $waitable_join (global.get $r) (global.get $set))
        (if (i32.ne (call $future_read (global.get $r) (i32.const 0)) (i32.const -1)) (then unreachable))
        (drop (call $future_write (global.get $w) (i32.const 0))))
    "#);
    guest.ticks(&enter, &callback).component()
}
