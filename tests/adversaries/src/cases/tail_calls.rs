//! Row 38, tail calls. Door: the compiler. Refused, or of no effect: wasmtime has them on.
use crate::guest::with_module;

pub fn component() -> anyhow::Result<Vec<u8>> {
    with_module("tail_calls", "(module (func $f (return_call $f)))")
}
