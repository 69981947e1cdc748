//! As `pingpong_after_return`, but without an answer: the handler goes on for ever.
use crate::pingpong;

pub fn component() -> anyhow::Result<Vec<u8>> {
    pingpong::component("pingpong_in_handler", &pingpong::without_an_answer(), "")
}
