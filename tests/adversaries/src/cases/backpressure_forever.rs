//! Row 31. Door: none: it takes no call any more. Its events get no answer: ended after the time of a handler.
use crate::guest::{EXIT, Guest};

pub fn component() -> anyhow::Result<Vec<u8>> {
    let enter = format!("(call $fire_done) {EXIT}");
    Guest::new("backpressure_forever")
        .builtins()
        .ticks(&enter, "unreachable")
        .first("(call $backpressure_inc)")
        .component()
}
