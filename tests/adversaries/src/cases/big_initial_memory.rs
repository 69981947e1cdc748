//! Row 3. Door: the birth: 4 GiB of memory. The component is refused for memory over its limit.
use crate::guest::Guest;

pub fn component() -> anyhow::Result<Vec<u8>> {
    let mut guest = Guest::new("big_initial_memory");
    guest.memory = "(memory (export \"memory\") 65536)".into();
    guest.component()
}
