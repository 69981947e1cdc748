//! Row 31. Door: `start`, which lets others run for ever without leaving its function. Ended after the time of `start`,
//! or for its CPU.
use crate::guest::Guest;

pub fn component() -> anyhow::Result<Vec<u8>> {
    let enter = "(loop $ever (drop (call $thread_yield)) (br $ever)) unreachable";
    Guest::new("thread_yield_forever").builtins().start(enter, "unreachable").component()
}
