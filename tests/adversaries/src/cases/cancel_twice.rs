//! Row 12. Door: `start`, which cancels a sleep twice. Dies, door `start`.
use crate::guest::{Guest, SCRATCH};

pub fn component() -> anyhow::Result<Vec<u8>> {
    let first = format!(
        "(local $task i32)
        (local.set $task (i32.shr_u (call $sleep (i32.const 30000) (i32.const {SCRATCH})) (i32.const 4)))
        (drop (call $subtask_cancel (local.get $task))) (drop (call $subtask_cancel (local.get $task)))"
    );
    Guest::new("cancel_twice").builtins().timers().first(&first).component()
}
