//! Row 6. Door: the compiler: a component type within a component type, 10^6 deep. Refused; the stack of the host is not
//! at its end.
use crate::bytes::{TYPES, section};
use crate::guest::Guest;

pub fn component() -> anyhow::Result<Vec<u8>> {
    // A component type with one declaration, which is a type; at last one with none.
    let nest = [&[1], &*[0x41, 1, 1].repeat(1_000_000), &[0x41, 0]].concat();
    let mut component = Guest::new("deep_types").component()?;
    component.extend(section(TYPES, &nest));
    Ok(component)
}
