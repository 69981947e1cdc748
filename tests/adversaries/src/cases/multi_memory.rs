//! Row 3. Door: two memories in one module, of which the second grows by 1 GiB at birth. The component is refused for
//! memory over its limit.
use crate::guest::with_module;

pub fn component() -> anyhow::Result<Vec<u8>> {
    let text =
        "(module (memory 1) (memory $b 1) (start $f) (func $f (drop (memory.grow $b (i32.const 16384)))))";
    with_module("multi_memory", text)
}
