//! Row 11. Door: the lifting of the descriptor: 250,000 hints (8 MB) whose strings are all the same 8 KiB, 6 GB together.
//! The component is refused for the bytes of one host call.
use crate::guest::Guest;

pub fn component() -> anyhow::Result<Vec<u8>> {
    let describe = "(local $at i32)
        (drop (memory.grow (i32.const 160)))
        (local.set $at (i32.const 0x10000))
        (loop $next
            (i32.store (local.get $at) (i32.const 0x4000))
            (i32.store offset=4 (local.get $at) (i32.const 0x2000))
            (i32.store offset=8 (local.get $at) (i32.const 0x4000))
            (i32.store offset=12 (local.get $at) (i32.const 0x2000))
            (i32.store offset=16 (local.get $at) (i32.const 1))
            (i32.store offset=20 (local.get $at) (i32.const 0x4000))
            (i32.store offset=24 (local.get $at) (i32.const 0x2000))
            (local.set $at (i32.add (local.get $at) (i32.const 32)))
            (br_if $next (i32.lt_u (local.get $at) (i32.const 8065536))))
        (i32.store (i32.const 96) (i32.const 0x10000)) (i32.store (i32.const 100) (i32.const 250000))
        (i32.const 64)";
    Guest::new("repeated_strings").describe(describe).component()
}
