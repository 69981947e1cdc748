//! Row 7. Door: the linking: the lifecycle is there, and nothing in it. Refused, and the missing function is named.
pub fn component() -> anyhow::Result<Vec<u8>> {
    Ok(wat::parse_str(
        r#"(component (instance $none) (export "connector:runtime/lifecycle@0.1.0" (instance $none)))"#,
    )?)
}
