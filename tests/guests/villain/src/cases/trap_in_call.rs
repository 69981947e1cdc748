//! Row 30, door `call`, reached by `runtime call villain villain_do`.
//! Panics, with a text that names the door.
//!
//! Must happen: the instance ends with "panicked", door a tools handler; the log has "the door call was opened". The
//! caller is told that the instance died in the call; nothing is repeated; a new instance starts. The healthy notice
//! nothing.
use crate::case::Case;
use sdk::{Event, tools};
use serde_json::Value;

#[derive(Default)]
pub struct Villain;

impl Case for Villain {
    async fn call(&self, _: Event) -> Result<Value, tools::Error> {
        panic!("the door call was opened")
    }
}
