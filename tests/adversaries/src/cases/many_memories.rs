//! Row 3. Door: the birth: 100 memories in ten modules. The component is refused.
use crate::bytes::add_module;
use crate::guest::Guest;

pub fn component() -> anyhow::Result<Vec<u8>> {
    let mut component = Guest::new("many_memories").component()?;
    let module = wat::parse_str(format!("(module {})", "(memory 1)".repeat(10)))?;
    for _ in 0..10 {
        add_module(&mut component, &module, 1)?;
    }
    Ok(component)
}
