//! Row 1, door `call`, reached by `runtime call villain villain_do`.
//! Computes for ever.
//!
//! Must happen: the instance ends with "kept the CPU longer than its budget without waiting", door a tools handler,
//! counter `cpu_ms`, within some 300 ms of CPU. The caller is told that the instance died in the call; nothing is
//! repeated; a new instance starts. The healthy notice nothing.
use crate::case::Case;
use crate::tricks::spin;
use sdk::{Event, tools};
use serde_json::Value;

#[derive(Default)]
pub struct Villain;

impl Case for Villain {
    async fn call(&self, _: Event) -> Result<Value, tools::Error> {
        spin()
    }
}
