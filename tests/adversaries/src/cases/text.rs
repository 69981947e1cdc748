//! Row 7. Door: the compiler: a component as text, which some tools take. Refused: not a component.
pub fn component() -> anyhow::Result<Vec<u8>> {
    Ok(b"(component)".to_vec())
}
