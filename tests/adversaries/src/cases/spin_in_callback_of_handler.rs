//! Row 1. Door: the callback of a handler. Ended within 200 ms of CPU, door `timers handler`.
use crate::guest::{Guest, SPIN, YIELD};

pub fn component() -> anyhow::Result<Vec<u8>> {
    Guest::new("spin_in_callback_of_handler").ticks(YIELD, SPIN).component()
}
