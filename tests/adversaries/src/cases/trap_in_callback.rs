//! Row 30. Door: the callback of a handler. Dies as panicked, door `timers handler`.
use crate::guest::{Guest, YIELD};

pub fn component() -> anyhow::Result<Vec<u8>> {
    Guest::new("trap_in_callback").ticks(YIELD, "unreachable").component()
}
