//! Row 2. Door: the post-return of `start`, lifted as if it were not async. Ended within 200 ms of CPU.
use crate::guest::{Guest, Lift, SPIN};

pub fn component() -> anyhow::Result<Vec<u8>> {
    let mut guest = Guest::new("loop_in_post_return_of_start");
    guest.start = Lift::Sync { body: "(i32.const 2048)".into(), post: SPIN.into() };
    guest.component()
}
