//! Row 30. Door: the post-return of `start`, lifted as if it were not async. Dies as panicked, door `start`.
use crate::guest::{Guest, Lift};

pub fn component() -> anyhow::Result<Vec<u8>> {
    let mut guest = Guest::new("trap_in_post_return_of_start");
    guest.start = Lift::Sync { body: "(i32.const 2048)".into(), post: "unreachable".into() };
    guest.component()
}
