//! Row 6. Door: the reading of the file: 65 MiB. Refused by its size, unread.
use crate::bytes::section;
use crate::guest::Guest;

pub fn component() -> anyhow::Result<Vec<u8>> {
    let mut component = Guest::new("over_the_file_limit").component()?;
    // A custom section of an empty name.
    component.extend(section(0, &vec![0; 65 << 20]));
    Ok(component)
}
