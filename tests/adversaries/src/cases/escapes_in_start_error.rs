//! Rows 7 and 9. Door: `start`, whose error text clears the screen. Failed for its configuration; what is said of it
//! has no control character.
use crate::guest::{EXIT, Guest, SCRATCH, data};

pub fn component() -> anyhow::Result<Vec<u8>> {
    let why = b"\x1b[2J\n\rERROR all secrets were revoked\x1b]0;owned\x07";
    let enter = format!(
        "(call $start_return (i32.const 1) (i32.const 0) (i32.const {SCRATCH}) (i32.const {})) {EXIT}",
        why.len()
    );
    Guest::new("escapes_in_start_error").more(&data(SCRATCH, why)).start(&enter, "unreachable").component()
}
