//! Row 38, custom page sizes. Door: the compiler. Refused.
use crate::guest::with_module;

pub fn component() -> anyhow::Result<Vec<u8>> {
    with_module("custom_page_sizes", "(module (memory 1 (pagesize 1)))")
}
