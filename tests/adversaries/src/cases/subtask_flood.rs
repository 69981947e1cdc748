//! Rows 12 and 31. Door: `start`, which begins sleeps for ever. Dies for its handles or its CPU.
use crate::guest::{Guest, SCRATCH};

pub fn component() -> anyhow::Result<Vec<u8>> {
    let first =
        format!("(loop $more (drop (call $sleep (i32.const 30000) (i32.const {SCRATCH}))) (br $more))");
    Guest::new("subtask_flood").timers().first(&first).component()
}
