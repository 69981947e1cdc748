//! Row 12. Door: `start`, which makes futures for ever. Dies for its handles.
use crate::guest::Guest;

pub const NEW: &str = r#"(import "$root" "[future-new-unit]flood" (func $future_new (result i64)))"#;

pub fn component() -> anyhow::Result<Vec<u8>> {
    let mut guest = Guest::new("future_flood");
    guest.imports = NEW.into();
    guest.first("(loop $more (drop (call $future_new)) (br $more))").component()
}
