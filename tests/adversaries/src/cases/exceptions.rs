//! Row 38, exceptions. Door: the compiler: a tag and a throw. Refused.
use crate::guest::with_module;

pub fn component() -> anyhow::Result<Vec<u8>> {
    with_module("exceptions", "(module (tag $t) (func (throw $t)))")
}
