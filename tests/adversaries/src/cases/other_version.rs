//! Row 7. Door: the linking: the template and its world in version 0.2.0. Refused, and both versions are named.
use crate::guest::Guest;

pub fn component() -> anyhow::Result<Vec<u8>> {
    let mut guest = Guest::new("other_version");
    guest.version = "0.2.0";
    guest.component()
}
