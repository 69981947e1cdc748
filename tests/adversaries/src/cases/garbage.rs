//! Row 7. Door: the compiler: a component's first bytes, then noise. Refused: not a component.
use crate::bytes::PREAMBLE;

pub fn component() -> anyhow::Result<Vec<u8>> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let noise = (0..4096).map(|_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    });
    Ok(PREAMBLE.iter().copied().chain(noise).collect())
}
