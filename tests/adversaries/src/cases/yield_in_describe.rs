//! Row 31. Door: `describe`, which is not async and lets others run for ever. The component is refused.
use crate::guest::Guest;

pub fn component() -> anyhow::Result<Vec<u8>> {
    let describe = "(loop $ever (drop (call $thread_yield)) (br $ever)) unreachable";
    Guest::new("yield_in_describe").builtins().describe(describe).component()
}
