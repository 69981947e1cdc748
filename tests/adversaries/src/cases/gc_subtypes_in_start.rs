//! Row 38, as `gc_subtypes`. Door: `start`, so that the component is loaded and runs beside others.
use crate::guest::Guest;

pub fn component() -> anyhow::Result<Vec<u8>> {
    Guest::new("gc_subtypes_in_start")
        .more(
            "(rec (type $a (sub (func))) (type $b (sub $a (func))))
            (table $t 1 funcref) (func $g (type $b)) (elem (table $t) (i32.const 0) func $g)",
        )
        .first("(call_indirect $t (type $a) (i32.const 0))")
        .component()
}
