//! Row 1, door `stop`, reached when the runtime is asked to end (Ctrl-C).
//! Computes for ever.
//!
//! Must happen: the instance ends with "kept the CPU longer than its budget without waiting", door stop, counter
//! `cpu_ms`, within some 300 ms of CPU. The instance is dropped, the log says so, the process ends in order and in
//! time. The healthy notice nothing.
use crate::case::Case;
use crate::tricks::spin;

#[derive(Default)]
pub struct Villain;

impl Case for Villain {
    async fn stop(&self) {
        spin()
    }
}
