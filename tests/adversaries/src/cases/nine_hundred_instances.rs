//! Row 4. Door: the birth: 900 core instances, which the compiler takes. The component is refused for its instances.
use crate::guest::with_bytes;

pub fn component() -> anyhow::Result<Vec<u8>> {
    with_bytes("nine_hundred_instances", &wat::parse_str("(module)")?, 900)
}
