//! Row 7. Door: the linking: exports nothing of ours. Refused: not a connector.
use crate::bytes::whole;

pub fn component() -> anyhow::Result<Vec<u8>> {
    Ok(whole(&[]))
}
