//! Row 12. Door: `describe`, which makes futures for ever. The component is refused for its handles, and the host stays
//! small.
use super::future_flood::NEW;
use crate::guest::Guest;

pub fn component() -> anyhow::Result<Vec<u8>> {
    let mut guest = Guest::new("future_flood_in_describe");
    guest.imports = NEW.into();
    guest.describe("(loop $more (drop (call $future_new)) (br $more)) unreachable").component()
}
