//! Row 3. Door: a 64-bit memory of 2^60 bytes at birth. The component is refused for memory over its limit.
use crate::guest::with_module;

pub fn component() -> anyhow::Result<Vec<u8>> {
    with_module("memory64_initial", "(module (memory i64 0x100000000000))")
}
