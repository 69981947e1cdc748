//! Row 30. Door: the post-return of `describe`. The component is refused.
use crate::guest::Guest;

pub fn component() -> anyhow::Result<Vec<u8>> {
    let mut guest = Guest::new("trap_in_post_return");
    guest.describe_post = "unreachable".into();
    guest.component()
}
