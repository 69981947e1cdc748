//! Row 4. Door: the compiler: components within components, 10^5 deep. The component is refused; the stack of the host
//! is not at its end.
use super::nested_components::nest;
use crate::guest::Guest;

pub fn component() -> anyhow::Result<Vec<u8>> {
    let mut component = Guest::new("deeply_nested_components").component()?;
    component.extend(nest(100_000));
    Ok(component)
}
