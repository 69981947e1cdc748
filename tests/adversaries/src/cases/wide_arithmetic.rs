//! Row 38, wide arithmetic. Door: the compiler. Refused.
use crate::guest::with_module;

pub fn component() -> anyhow::Result<Vec<u8>> {
    let text =
        "(module (func (param i64 i64) (result i64 i64) (i64.mul_wide_u (local.get 0) (local.get 1))))";
    with_module("wide_arithmetic", text)
}
