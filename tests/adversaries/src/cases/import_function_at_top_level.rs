//! Row 7. Door: the linking: a function that is in no interface. Refused, and the import is named.
use crate::guest::Guest;

pub fn component() -> anyhow::Result<Vec<u8>> {
    let mut guest = Guest::new("import_function_at_top_level");
    guest.world = "import now: func() -> u64;\n".into();
    guest.imports = "(import \"$root\" \"now\" (func (result i64)))".into();
    guest.component()
}
