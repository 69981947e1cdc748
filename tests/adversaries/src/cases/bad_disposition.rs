//! Row 30. Door: a handler, whose answer has case 77 of three. Dies, door `timers handler`.
use crate::guest::{EXIT, Guest};

pub fn component() -> anyhow::Result<Vec<u8>> {
    let enter = format!("(call $fire_return (i32.const 77) (i32.const 0) (i32.const 0)) {EXIT}");
    Guest::new("bad_disposition").ticks(&enter, "unreachable").component()
}
