//! Row 38, garbage collection. Door: the compiler: a number as a reference. Refused.
use crate::guest::with_module;

pub fn component() -> anyhow::Result<Vec<u8>> {
    with_module("gc_i31", "(module (func (drop (ref.i31 (i32.const 1)))))")
}
