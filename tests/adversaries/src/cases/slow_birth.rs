//! Row 2. Door: a core start function of a session's instance. Needs half a second of CPU: `describe` has that, a session
//! not. Ended within 200 ms of CPU, again and again with back-off; the door is the birth.
use crate::guest::{A_WHILE, Guest};

pub fn component() -> anyhow::Result<Vec<u8>> {
    Guest::new("slow_birth").at_birth(A_WHILE).component()
}
