//! Row 30. Door: `start`, whose error has case 77 of two. Dies, door `start`.
use crate::guest::{EXIT, Guest};

pub fn component() -> anyhow::Result<Vec<u8>> {
    let enter =
        format!("(call $start_return (i32.const 1) (i32.const 77) (i32.const 0) (i32.const 0)) {EXIT}");
    Guest::new("bad_discriminant").start(&enter, "unreachable").component()
}
