//! Row 1, door `start`, reached by itself.
//! Computes for ever.
//!
//! Must happen: the instance ends with "kept the CPU longer than its budget without waiting", door start, counter
//! `cpu_ms`, within some 300 ms of CPU. No event is delivered, what was open before stays; started again with
//! back-off until it is set aside (`failures`). The healthy notice nothing.
use crate::case::{Case, Setting};
use crate::tricks::spin;
use sdk::StartError;

#[derive(Default)]
pub struct Villain;

impl Case for Villain {
    async fn start(&self, _: &Setting) -> Result<(), StartError> {
        spin()
    }
}
