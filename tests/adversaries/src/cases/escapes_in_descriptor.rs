//! Rows 7 and 9. Door: the check of the descriptor: an id that clears the screen and begins a line of its own. Refused,
//! and what is said of it has no control character but the ends of its own lines.
use crate::guest::{Guest, SCRATCH, data};

pub fn component() -> anyhow::Result<Vec<u8>> {
    let id = b"\x1b[2J\n\rERROR all secrets were revoked\x1b]0;owned\x07";
    let describe = format!(
        "(i32.store (i32.const 64) (i32.const {SCRATCH})) (i32.store (i32.const 68) (i32.const {})) (i32.const 64)",
        id.len()
    );
    Guest::new("escapes_in_descriptor").more(&data(SCRATCH, id)).describe(&describe).component()
}
