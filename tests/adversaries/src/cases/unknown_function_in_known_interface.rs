//! Row 7. Door: the linking: our timers with a function more. Refused, and the function is named.
use crate::guest::{Guest, TIMERS};

pub fn component() -> anyhow::Result<Vec<u8>> {
    let mut guest = Guest::new("unknown_function_in_known_interface");
    guest.swap = ("now: func() -> u64;", "now: func() -> u64; travel: func();");
    guest.importing(TIMERS, "travel", "").component()
}
