//! Row 7. Door: the linking: the template and its world in version 9.0.0. Refused, and what it is built for is named.
use crate::guest::{Guest, TIMERS};

pub fn component() -> anyhow::Result<Vec<u8>> {
    let mut guest = Guest::new("import_of_other_version");
    guest.version = "9.0.0";
    guest.importing(TIMERS, "now", "(result i64)").component()
}
