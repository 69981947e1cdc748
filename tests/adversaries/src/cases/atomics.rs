//! Row 38, threads. Door: the compiler: an atomic access, on a memory that is not shared. Refused.
use crate::guest::with_module;

pub fn component() -> anyhow::Result<Vec<u8>> {
    let text =
        "(module (memory 1) (func (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1)))))";
    with_module("atomics", text)
}
