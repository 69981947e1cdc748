//! Row 1, door `command`, reached by `runtime call villain /villain`.
//! Computes for ever.
//!
//! Must happen: the instance ends with "kept the CPU longer than its budget without waiting", door a tools handler,
//! counter `cpu_ms`, within some 300 ms of CPU. The caller is told that the instance died in the call; nothing is
//! repeated; a new instance starts. The healthy notice nothing.
use crate::case::Case;
use crate::tricks::spin;
use sdk::{Event, tools};

#[derive(Default)]
pub struct Villain;

impl Case for Villain {
    async fn command(&self, _: Event) -> Result<String, tools::Error> {
        spin()
    }
}
