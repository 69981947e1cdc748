//! A guest that makes events for itself: it goes round and round in its callback, and wasmtime takes each for urgent, so that
//! it gives the worker back between no two turns.
use crate::cases::FUTURE;
use crate::guest::Guest;

/// Waits for the set in which its own event is ready.
const AGAIN: &str = "(i32.or (i32.const 2) (i32.shl (global.get $set) (i32.const 4)))";

/// Makes an event and has the set know it.
const ARM: &str = r#"
    (global $set (mut i32) (i32.const 0)) (global $r (mut i32) (i32.const 0)) (global $w (mut i32) (i32.const 0))
    (func $arm (local $ends i64)
        (if (i32.eqz (global.get $set)) (then (global.set $set (call $waitable_set_new))))
        (local.set $ends (call $future_new))
        (global.set $r (i32.wrap_i64 (local.get $ends)))
        (global.set $w (i32.wrap_i64 (i64.shr_u (local.get $ends) (i64.const 32))))
        (call $waitable_join (global.get $r) (global.get $set))
        (if (i32.ne (call $future_read (global.get $r) (i32.const 0)) (i32.const -1)) (then unreachable))
        (drop (call $future_write (global.get $w) (i32.const 0))))
"#;

/// For the first tick: answers, then goes on; later ones end at once.
pub fn after_its_answer() -> String {
    format!(
        "(call $fire_done)
         (if (result i32) (i32.eqz (global.get $set)) (then (call $arm) {AGAIN}) (else (i32.const 0)))"
    )
}

/// Goes on without an answer.
pub fn without_an_answer() -> String {
    format!("(call $arm) {AGAIN}")
}

/// Enters with `enter`, and does `work` in each turn.
pub fn component(name: &'static str, enter: &str, work: &str) -> anyhow::Result<Vec<u8>> {
    let callback = format!(
        "{work} (call $future_drop_readable (global.get $r)) (call $future_drop_writable (global.get $w))
         (call $arm) {AGAIN}"
    );
    let mut guest = Guest::new(name).builtins();
    guest.imports += FUTURE;
    guest.more(ARM).ticks(enter, &callback).component()
}
