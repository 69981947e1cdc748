//! Row 38, garbage collection. Door: the compiler: references to the host's values, in a table and in globals. Refused.
use crate::guest::with_module;

pub fn component() -> anyhow::Result<Vec<u8>> {
    let text = "(module (table 10 externref) (global (mut externref) (ref.null extern))
        (func (table.set 0 (i32.const 0) (global.get 0))))";
    with_module("gc_externref", text)
}
