//! Row 1. Door: `stop`. Ended within 200 ms of CPU; the process ends in time.
use crate::guest::{Guest, SPIN};

pub fn component() -> anyhow::Result<Vec<u8>> {
    let mut guest = Guest::new("loop_in_stop");
    guest.stop[0] = SPIN.into();
    guest.component()
}
