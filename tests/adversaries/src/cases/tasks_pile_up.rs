//! Row 31. Door: tasks that outlived their handlers and wait for nothing, one more ten times a second. Ended for their
//! number, or retired.
use crate::guest::{Guest, WAIT};

pub fn component() -> anyhow::Result<Vec<u8>> {
    Guest::new("tasks_pile_up")
        .builtins()
        .ticks(&format!("(call $fire_done) {WAIT}"), "unreachable")
        .component()
}
