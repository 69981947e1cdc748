//! Row 30, door `on_message`, reached by the far end's first text frame. Sends `effect of attempt N`, waits until it
//! is out, then panics.
//!
//! Must happen: "panicked", door a websocket handler. The far end sees `effect of attempt 1` and `effect of attempt
//! 2` and no third: what was sent is sent, the attempt says that it may have been, and the frame is poison after two
//! deaths.
use crate::case::{Case, Needs, SOCKET};
use sdk::{Disposition, Event, websocket};

#[derive(Default)]
pub struct Villain;

impl Case for Villain {
    const NEEDS: Needs = SOCKET;

    async fn on_message(&self, event: Event, name: String) -> Disposition {
        let sent = websocket::send(&name, format!("effect of attempt {}", event.attempt)).await;
        panic!("the door on_message was opened, after a send that was {sent:?}")
    }
}
