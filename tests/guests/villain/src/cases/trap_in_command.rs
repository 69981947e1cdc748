//! Row 30, door `command`, reached by `runtime call villain /villain`.
//! Panics, with a text that names the door.
//!
//! Must happen: the instance ends with "panicked", door a tools handler; the log has "the door command was opened".
//! The caller is told that the instance died in the call; nothing is repeated; a new instance starts. The healthy
//! notice nothing.
use crate::case::Case;
use sdk::{Event, tools};

#[derive(Default)]
pub struct Villain;

impl Case for Villain {
    async fn command(&self, _: Event) -> Result<String, tools::Error> {
        panic!("the door command was opened")
    }
}
