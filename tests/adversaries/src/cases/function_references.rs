//! Row 38, typed function references. Door: the compiler. Refused, or of no effect: wasmtime has them on.
use crate::guest::with_module;

pub fn component() -> anyhow::Result<Vec<u8>> {
    let text =
        "(module (type $f (func)) (func $g) (elem declare func $g) (func (call_ref $f (ref.func $g))))";
    with_module("function_references", text)
}
