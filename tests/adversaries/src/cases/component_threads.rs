//! Row 38, threads of the component model. Door: the compiler. Refused.
use crate::guest::Guest;

pub fn component() -> anyhow::Result<Vec<u8>> {
    let mut guest = Guest::new("component_threads");
    guest.imports = r#"
        (import "$root" "[thread-index]" (func $index (result i32)))
        (import "$root" "[thread-suspend]" (func $suspend (result i32)))"#
        .into();
    guest.first("(drop (call $index)) (drop (call $suspend))").component()
}
