//! Row 7. Door: the compiler: the template's core module alone. Refused: not a component.
use crate::guest::Guest;

pub fn component() -> anyhow::Result<Vec<u8>> {
    Guest::new("core_module").module()
}
