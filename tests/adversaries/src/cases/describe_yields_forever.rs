//! Row 31. Door: the compiler: `describe` is not async and is lifted as if it were; it lets others run for ever. Refused.
use crate::guest::{Guest, YIELD};

pub fn component() -> anyhow::Result<Vec<u8>> {
    Guest::new("describe_yields_forever").async_describe(YIELD, YIELD).component()
}
