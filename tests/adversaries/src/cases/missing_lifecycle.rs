//! Row 7. Door: the linking: a handler, and no lifecycle. Refused: not a connector.
pub fn component() -> anyhow::Result<Vec<u8>> {
    Ok(wat::parse_str(
        r#"(component (instance $none) (export "connector:runtime/timers-handler@0.1.0" (instance $none)))"#,
    )?)
}
