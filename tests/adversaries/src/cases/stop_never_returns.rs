//! Row 31. Door: `stop`, which waits for nothing. Ended after the time of `stop`.
use crate::guest::{Guest, WAIT};

pub fn component() -> anyhow::Result<Vec<u8>> {
    let mut guest = Guest::new("stop_never_returns").builtins();
    guest.stop[0] = WAIT.into();
    guest.component()
}
