//! Row 31. Door: `start`, which begins a sleep of 30 s and returns without waiting. Starts; its permits come back when
//! the instance ends.
use crate::guest::{Guest, SCRATCH};

pub fn component() -> anyhow::Result<Vec<u8>> {
    let first = format!("(drop (call $sleep (i32.const 30000) (i32.const {SCRATCH})))");
    Guest::new("leave_subtasks").timers().first(&first).component()
}
