//! Row 7. Door: the linking: an interface of our package that there is not. Refused, and the import is named.
use crate::guest::Guest;

pub fn component() -> anyhow::Result<Vec<u8>> {
    let mut guest = Guest::new("unknown_import");
    guest.swap = ("interface timers {", "interface teleport { go: func(); }\ninterface timers {");
    guest.importing("connector:runtime/teleport@0.1.0", "go", "").component()
}
