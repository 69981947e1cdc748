//! Row 38, relaxed SIMD. Door: the compiler. Refused, or of no effect: wasmtime has it on.
use crate::guest::with_module;

pub fn component() -> anyhow::Result<Vec<u8>> {
    let text = "(module (func (param v128 v128 v128) (result v128)
        (f32x4.relaxed_madd (local.get 0) (local.get 1) (local.get 2))))";
    with_module("relaxed_simd", text)
}
