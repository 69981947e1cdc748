//! Row 31. Door: `stop`, which lets others run for ever. Ended after the time of `stop`.
use crate::guest::{Guest, YIELD};

pub fn component() -> anyhow::Result<Vec<u8>> {
    let mut guest = Guest::new("yield_forever_in_stop");
    guest.stop = [YIELD.into(), YIELD.into()];
    guest.component()
}
