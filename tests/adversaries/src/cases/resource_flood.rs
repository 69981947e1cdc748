//! Row 12. Door: `start`, which makes resources of its own for ever. Dies for its handles.
use crate::guest::Guest;

pub const WORLD: &str = "export things: interface { resource thing; }\n";
pub const NEW: &str =
    r#"(import "[export]things" "[resource-new]thing" (func $thing_new (param i32) (result i32)))"#;

pub fn component() -> anyhow::Result<Vec<u8>> {
    let mut guest = Guest::new("resource_flood");
    (guest.world, guest.imports) = (WORLD.into(), NEW.into());
    guest.first("(loop $more (drop (call $thing_new (i32.const 1))) (br $more))").component()
}
