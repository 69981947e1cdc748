//! Row 38, error contexts. Door: the compiler. Refused.
use crate::guest::Guest;

pub fn component() -> anyhow::Result<Vec<u8>> {
    let mut guest = Guest::new("error_context");
    guest.imports =
        r#"(import "$root" "[error-context-new-utf8]" (func $f (param i32 i32) (result i32)))"#.into();
    guest.first("(drop (call $f (i32.const 0) (i32.const 0)))").component()
}
