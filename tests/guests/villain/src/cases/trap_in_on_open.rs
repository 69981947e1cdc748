//! Row 30, door `on_open`, reached by itself, when the far end takes the socket.
//! Panics, with a text that names the door.
//!
//! Must happen: the instance ends with "panicked", door a websocket handler; the log has "the door on_open was
//! opened". The event is delivered once more (attempt 2), then it is poison; the socket stays; a new instance starts
//! each time. The healthy notice nothing.
use crate::case::{Case, Needs, SOCKET};
use sdk::{Disposition, Event};

#[derive(Default)]
pub struct Villain;

impl Case for Villain {
    const NEEDS: Needs = SOCKET;

    async fn on_open(&self, _: Event, _: String) -> Disposition {
        panic!("the door on_open was opened")
    }
}
