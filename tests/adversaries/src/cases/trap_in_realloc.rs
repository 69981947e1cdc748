//! Row 30. Door: `cabi_realloc`, when the host writes the strings of `start`. Dies as panicked, door `start`.
use crate::guest::Guest;

pub fn component() -> anyhow::Result<Vec<u8>> {
    Guest::new("trap_in_realloc").realloc("unreachable").component()
}
