//! Row 30. Door: a core start function. The component is refused at `describe`, as panicked.
use crate::guest::Guest;

pub fn component() -> anyhow::Result<Vec<u8>> {
    Guest::new("trap_in_start_function").at_birth("unreachable").component()
}
