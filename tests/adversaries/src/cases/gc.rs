//! Row 38, garbage collection. Door: the compiler: a struct. Refused.
use crate::guest::with_module;

pub fn component() -> anyhow::Result<Vec<u8>> {
    let text = "(module (type $s (struct (field i32))) (func (drop (struct.new_default $s))))";
    with_module("gc", text)
}
