//! Row 30, door `start`, reached by itself.
//! Panics, with a text that names the door.
//!
//! Must happen: the instance ends with "panicked", door start; the log has "the door start was opened". No event is
//! delivered, what was open before stays; started again with back-off until it is set aside (`failures`). The healthy
//! notice nothing.
use crate::case::{Case, Setting};
use sdk::StartError;

#[derive(Default)]
pub struct Villain;

impl Case for Villain {
    async fn start(&self, _: &Setting) -> Result<(), StartError> {
        panic!("the door start was opened")
    }
}
