//! Row 12. Door: `describe`, which makes resources of its own for ever. The component is refused for its handles, and
//! the host stays small.
use super::resource_flood::{NEW, WORLD};
use crate::guest::Guest;

pub fn component() -> anyhow::Result<Vec<u8>> {
    let mut guest = Guest::new("resource_flood_in_describe");
    (guest.world, guest.imports) = (WORLD.into(), NEW.into());
    guest.describe("(loop $more (drop (call $thing_new (i32.const 1))) (br $more)) unreachable").component()
}
