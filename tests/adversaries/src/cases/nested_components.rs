//! Row 4. Door: the compiler: components within components, 1000 deep. The component is refused, or takes no longer than
//! a flat one.
use crate::bytes::{COMPONENT, PREAMBLE, push_number};
use crate::guest::Guest;

pub fn component() -> anyhow::Result<Vec<u8>> {
    let mut component = Guest::new("nested_components").component()?;
    component.extend(nest(1000));
    Ok(component)
}

/// The section with the outermost.
pub fn nest(depth: usize) -> Vec<u8> {
    // From the inside: how many bytes each has within.
    let mut sizes = vec![PREAMBLE.len()];
    let mut length = Vec::new();
    for _ in 1..depth {
        let inner = sizes.last().copied().unwrap_or_default();
        length.clear();
        push_number(inner, &mut length);
        sizes.push(PREAMBLE.len() + 1 + length.len() + inner);
    }
    let mut bytes = Vec::new();
    for size in sizes.into_iter().rev() {
        bytes.push(COMPONENT);
        push_number(size, &mut bytes);
        bytes.extend_from_slice(PREAMBLE);
    }
    bytes
}
