//! Rows 4 and 6. Door: the compiler: nine levels of components that each hold ten instances of the next, a billion
//! together in less than a kilobyte. Refused, or ended with the compile process.
use crate::bytes::{COMPONENT, INSTANCES, add_component, instantiations, section, whole};
use crate::guest::Guest;

fn tower(levels: usize) -> Vec<u8> {
    (0..levels).fold(whole(&[]), |inner, _| {
        whole(&[section(COMPONENT, &inner), section(INSTANCES, &instantiations(0, 10))])
    })
}

pub fn component() -> anyhow::Result<Vec<u8>> {
    let mut outer = Guest::new("instance_explosion").component()?;
    add_component(&mut outer, &tower(8), 10)?;
    Ok(outer)
}
