//! Row 38, stack switching. Door: the compiler: a continuation. Refused.
use crate::guest::with_module;

pub fn component() -> anyhow::Result<Vec<u8>> {
    let text = "(module (type $f (func)) (type $c (cont $f)) (func $g) (elem declare func $g)
        (func (drop (cont.new $c (ref.func $g)))))";
    with_module("stack_switching", text)
}
