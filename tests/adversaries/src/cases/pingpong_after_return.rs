//! Rows 10 and 31. Door: `on-fire`: answers, then goes round and round in its callback. Must be made to step back from its
//! worker all the same, and gets its share of the CPU and no more.
use crate::pingpong;

pub fn component() -> anyhow::Result<Vec<u8>> {
    pingpong::component("pingpong_after_return", &pingpong::after_its_answer(), "")
}
