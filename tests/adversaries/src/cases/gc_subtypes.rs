//! Row 38, garbage collection. Door: the compiler: a function type with subtypes. Refused: wasmtime built without its
//! feature `gc` compiles a call of such a type and then panics in it where no panic may be, which ends the whole process.
use crate::guest::with_module;

pub fn component() -> anyhow::Result<Vec<u8>> {
    let text = "(module
        (rec (type $a (sub (func))) (type $b (sub $a (func))))
        (table 1 funcref) (func $g (type $b)) (elem (i32.const 0) func $g)
        (func $f (call_indirect (type $a) (i32.const 0))) (start $f))";
    with_module("gc_subtypes", text)
}
