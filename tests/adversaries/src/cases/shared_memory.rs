//! Row 38, threads. Door: the compiler: a shared memory. Refused, and the proposal is named.
use crate::guest::with_module;

pub fn component() -> anyhow::Result<Vec<u8>> {
    with_module("shared_memory", "(module (memory 1 1 shared))")
}
