//! Row 7. Door: the compiler: the first half of the template. Refused: not a component.
use crate::guest::Guest;

pub fn component() -> anyhow::Result<Vec<u8>> {
    let mut component = Guest::new("truncated").component()?;
    component.truncate(component.len() / 2);
    Ok(component)
}
