//! Row 3. Door: the birth of a session's instance: 64 MiB of memory, which `describe` has and a session not. Dies for
//! memory over its limit, again and again with back-off; the door is the birth.
use crate::guest::Guest;

pub fn component() -> anyhow::Result<Vec<u8>> {
    let mut guest = Guest::new("big_birth");
    guest.memory = "(memory (export \"memory\") 1024)".into();
    guest.component()
}
