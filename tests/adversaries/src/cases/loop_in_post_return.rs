//! Row 2. Door: the post-return of `describe`. Ended within the CPU of `describe`; the component is refused.
use crate::guest::{Guest, SPIN};

pub fn component() -> anyhow::Result<Vec<u8>> {
    let mut guest = Guest::new("loop_in_post_return");
    guest.describe_post = SPIN.into();
    guest.component()
}
