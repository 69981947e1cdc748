//! Row 7. Door: the linking: wants a core module of the host. Refused, and the import is named.
pub fn component() -> anyhow::Result<Vec<u8>> {
    Ok(wat::parse_str("(component (import \"engine\" (core module)))")?)
}
