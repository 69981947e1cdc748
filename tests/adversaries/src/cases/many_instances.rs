//! Row 4. Door: the compiler: 10^4 core instances. The component is refused.
use crate::guest::with_bytes;

pub fn component() -> anyhow::Result<Vec<u8>> {
    with_bytes("many_instances", &wat::parse_str("(module)")?, 10_000)
}
