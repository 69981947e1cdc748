//! Row 30. Door: `stop`. Said, and the process ends in order.
use crate::guest::Guest;

pub fn component() -> anyhow::Result<Vec<u8>> {
    let mut guest = Guest::new("trap_in_stop");
    guest.stop[0] = "unreachable".into();
    guest.component()
}
