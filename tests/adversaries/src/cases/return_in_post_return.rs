//! Row 31. Door: the post-return of `describe`, which answers as `start` does. The component is refused.
use crate::guest::Guest;

pub fn component() -> anyhow::Result<Vec<u8>> {
    let mut guest = Guest::new("return_in_post_return");
    guest.describe_post = "(call $start_ok)".into();
    guest.component()
}
