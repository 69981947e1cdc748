//! Row 31. Door: `start`, which answers twice. Dies, door `start`.
use crate::guest::{EXIT, Guest};

pub fn component() -> anyhow::Result<Vec<u8>> {
    let enter = format!("(call $start_ok) (call $start_ok) {EXIT}");
    Guest::new("return_twice").start(&enter, "unreachable").component()
}
