//! Row 38, async without callbacks. Door: the compiler: `start` lifted as async on a stack of its own. Refused.
use crate::guest::{Guest, LIFECYCLE};

pub fn component() -> anyhow::Result<Vec<u8>> {
    let mut guest = Guest::new("stackful_lift");
    guest.start_whole = Some(format!(
        r#"(func (export "[async-lift-stackful]{LIFECYCLE}#start") (param i32 i32 i32 i32 i32 i32 i32 i32)
            (call $start_ok))"#
    ));
    guest.component()
}
