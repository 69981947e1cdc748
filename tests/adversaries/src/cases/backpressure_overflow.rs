//! Row 31. Door: `start`, which holds calls back 2^20 times. Dies, door `start`.
use crate::guest::Guest;

pub fn component() -> anyhow::Result<Vec<u8>> {
    let first = "(local $left i32) (local.set $left (i32.const 0x100000))
        (loop $more (call $backpressure_inc)
            (br_if $more (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))";
    Guest::new("backpressure_overflow").builtins().first(first).component()
}
