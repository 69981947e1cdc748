//! Row 7. Door: the linking: our `timers.now` with another result. Refused, and the function is named.
use crate::guest::{Guest, TIMERS};

pub fn component() -> anyhow::Result<Vec<u8>> {
    let mut guest = Guest::new("wrong_type_of_import");
    guest.swap = ("now: func() -> u64;", "now: func() -> s64;");
    guest.importing(TIMERS, "now", "(result i64)").component()
}
