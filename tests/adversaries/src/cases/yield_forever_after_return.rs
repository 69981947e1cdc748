//! Row 31. Door: a task that outlived `start`: it has answered, and lets others run for ever. No deadline holds for it,
//! and it takes a whole CPU: ended for that.
use crate::guest::{Guest, YIELD};

pub fn component() -> anyhow::Result<Vec<u8>> {
    Guest::new("yield_forever_after_return").start(&format!("(call $start_ok) {YIELD}"), YIELD).component()
}
