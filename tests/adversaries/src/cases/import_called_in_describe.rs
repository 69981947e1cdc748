//! Row 7. Door: `describe`, where every import traps. Refused: it called an import that it was not given.
use crate::guest::Guest;

pub fn component() -> anyhow::Result<Vec<u8>> {
    Guest::new("import_called_in_describe").timers().describe("(drop (call $now)) (i32.const 64)").component()
}
