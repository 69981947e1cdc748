//! Row 30. Door: the lifting of the descriptor: its label is not UTF-8. The component is refused.
use crate::guest::{Guest, SCRATCH, data};

pub fn component() -> anyhow::Result<Vec<u8>> {
    let describe = format!(
        "(i32.store (i32.const 72) (i32.const {SCRATCH})) (i32.store (i32.const 76) (i32.const 4)) (i32.const 64)"
    );
    Guest::new("bad_utf8").more(&data(SCRATCH, &[b'a', 0xff, 0xfe, 0xc0])).describe(&describe).component()
}
