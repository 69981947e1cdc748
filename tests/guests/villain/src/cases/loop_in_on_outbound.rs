//! Row 1, door `on_outbound`, reached by `runtime send villain somewhere hello`.
//! Computes for ever.
//!
//! Must happen: the instance ends with "kept the CPU longer than its budget without waiting", door an agent handler,
//! counter `cpu_ms`, within some 300 ms of CPU. The message is delivered once more, then it is poison; the sender is
//! told. A new instance starts each time. The healthy notice nothing.
use crate::case::Case;
use crate::tricks::spin;
use sdk::Event;
use sdk::agent::{Outbound, OutboundError, Receipt};

#[derive(Default)]
pub struct Villain;

impl Case for Villain {
    async fn on_outbound(&self, _: Event, _: Outbound) -> Result<Receipt, OutboundError> {
        spin()
    }
}
