//! Row 7. Door: the linking: `lifecycle.start` is not async. Refused, and the function is named.
use crate::guest::{Guest, Lift};

pub fn component() -> anyhow::Result<Vec<u8>> {
    let mut guest = Guest::new("wrong_type_of_start");
    guest.swap = ("start: async func", "start: func");
    guest.start = Lift::Sync { body: "(i32.const 2048)".into(), post: String::new() };
    guest.component()
}
