//! Row 30. Door: `cabi_realloc`, which answers odd addresses: wrong for a list of keys. Dies, door `start`.
use crate::guest::Guest;

pub fn component() -> anyhow::Result<Vec<u8>> {
    let mut guest = Guest::new("realloc_unaligned");
    guest.world = "import connector:runtime/crypto@0.1.0;\n".into();
    guest.imports = r#"
        (import "connector:runtime/crypto@0.1.0" "ensure" (func $ensure (param i32 i32 i32 i32 i32)))
        (import "connector:runtime/crypto@0.1.0" "keys" (func $keys (param i32)))"#
        .into();
    // A session key named `k`, so that the list has something in it.
    let first = "(call $ensure (i32.const 2048) (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 3072))
        (call $keys (i32.const 3072))";
    guest
        .more("(data (i32.const 2048) \"k\")")
        .realloc("(i32.or (call $alloc (i32.add (local.get $bytes) (i32.const 8))) (i32.const 1))")
        .first(first)
        .component()
}
