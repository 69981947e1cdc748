//! Row 30, door `stop`, reached when the runtime is asked to end (Ctrl-C).
//! Panics, with a text that names the door.
//!
//! Must happen: the instance ends with "panicked", door stop; the log has "the door stop was opened". The instance is
//! dropped, the log says so, the process ends in order and in time. The healthy notice nothing.
use crate::case::Case;

#[derive(Default)]
pub struct Villain;

impl Case for Villain {
    async fn stop(&self) {
        panic!("the door stop was opened")
    }
}
