//! Row 3. Door: a 64-bit memory that grows by 2^40 bytes at birth. The component is refused for memory over its limit.
use crate::guest::with_module;

pub fn component() -> anyhow::Result<Vec<u8>> {
    let text = "(module (memory i64 1) (start $f) (func $f (drop (memory.grow (i64.const 0x1000000)))))";
    with_module("memory64", text)
}
