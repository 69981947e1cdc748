//! Row 12. Door: a callback of `start`: it waits for a set, and a handler that runs meanwhile drops the set. Dies for its
//! contract.
use crate::guest::{EXIT, Guest, WAIT};

pub fn component() -> anyhow::Result<Vec<u8>> {
    let enter = format!("(call $waitable_set_drop (i32.const 1)) (call $fire_done) {EXIT}");
    let mut guest = Guest::new("set_dropped_under_waiter").builtins().ticks(&enter, "unreachable");
    if let crate::guest::Lift::Async { enter, .. } = &mut guest.start {
        // Has answered, and waits for a set: the first handle that it got.
        *enter = enter.replace(EXIT, WAIT);
    }
    guest.component()
}
