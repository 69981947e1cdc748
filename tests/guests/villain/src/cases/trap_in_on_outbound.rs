//! Row 30, door `on_outbound`, reached by `runtime send villain somewhere hello`.
//! Panics, with a text that names the door.
//!
//! Must happen: the instance ends with "panicked", door an agent handler; the log has "the door on_outbound was
//! opened". The message is delivered once more, then it is poison; the sender is told. A new instance starts each
//! time. The healthy notice nothing.
use crate::case::Case;
use sdk::Event;
use sdk::agent::{Outbound, OutboundError, Receipt};

#[derive(Default)]
pub struct Villain;

impl Case for Villain {
    async fn on_outbound(&self, _: Event, _: Outbound) -> Result<Receipt, OutboundError> {
        panic!("the door on_outbound was opened")
    }
}
