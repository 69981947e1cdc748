//! Row 12. Door: `start`, which cancels a sleep, drops it, and drops it again. Dies, door `start`.
use crate::guest::{Guest, SCRATCH};

pub fn component() -> anyhow::Result<Vec<u8>> {
    let first = format!(
        "(local $task i32)
        (local.set $task (i32.shr_u (call $sleep (i32.const 30000) (i32.const {SCRATCH})) (i32.const 4)))
        (drop (call $subtask_cancel (local.get $task)))
        (call $subtask_drop (local.get $task)) (call $subtask_drop (local.get $task))"
    );
    Guest::new("use_after_drop").builtins().timers().first(&first).component()
}
