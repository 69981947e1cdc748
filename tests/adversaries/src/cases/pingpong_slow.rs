//! As `pingpong_after_return`, with so much work in each turn that every pause falls amid one: its share must bite all the
//! same.
use crate::pingpong;

/// Some tens of milliseconds.
const SOME_WORK: &str = "(local $left i64) (local.set $left (i64.const 200000000))
    (loop $more
        (local.set $left (i64.sub (local.get $left) (i64.const 1)))
        (br_if $more (i64.ne (local.get $left) (i64.const 0))))";

pub fn component() -> anyhow::Result<Vec<u8>> {
    pingpong::component("pingpong_slow", &pingpong::after_its_answer(), SOME_WORK)
}
