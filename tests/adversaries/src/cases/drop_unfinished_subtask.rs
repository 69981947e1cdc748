//! Rows 12 and 31. Door: `start`, which drops a sleep that goes on. Dies, door `start`.
use crate::guest::{Guest, SCRATCH};

pub fn component() -> anyhow::Result<Vec<u8>> {
    let first = format!(
        "(call $subtask_drop (i32.shr_u (call $sleep (i32.const 30000) (i32.const {SCRATCH})) (i32.const 4)))"
    );
    Guest::new("drop_unfinished_subtask").builtins().timers().first(&first).component()
}
