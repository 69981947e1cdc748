//! Row 1, door `on_message`, reached by the far end's first text frame.
//! Computes for ever.
//!
//! Must happen: the instance ends with "kept the CPU longer than its budget without waiting", door a websocket
//! handler, counter `cpu_ms`, within some 300 ms of CPU. The event is delivered once more (attempt 2), then it is
//! poison; the socket stays; a new instance starts each time. The healthy notice nothing.
use crate::case::{Case, Needs, SOCKET};
use crate::tricks::spin;
use sdk::{Disposition, Event};

#[derive(Default)]
pub struct Villain;

impl Case for Villain {
    const NEEDS: Needs = SOCKET;

    async fn on_message(&self, _: Event, _: String) -> Disposition {
        spin()
    }
}
