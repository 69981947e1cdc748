//! As `pingpong_after_return`, with so much work in each turn that every pause falls amid one: its share must bite all
//! the same.
use crate::cases::future_with_itself::FUTURE;
use crate::guest::Guest;
pub fn component() -> anyhow::Result<Vec<u8>> {
    let wait = "(i32.or (i32.const 2) (i32.shl (global.get $set) (i32.const 4)))";
    let enter = format!(
        "(call $fire_done) (if (result i32) (i32.eqz (global.get $set)) (then (global.set $set (call $waitable_set_new)) (call $arm) {wait}) (else (i32.const 0)))"
    );
    let callback = format!(
        "(local $left i64) (local.set $left (i64.const 200000000)) (loop $more (local.set $left (i64.sub (local.get $left) (i64.const 1))) (br_if $more (i64.ne (local.get $left) (i64.const 0)))) (call $future_drop_readable (global.get $r)) (call $future_drop_writable (global.get $w)) (call $arm) {wait}"
    );
    let mut guest = Guest::new("pingpong_slow").builtins();
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
