//! Row 31, door `start`, reached by itself. Sleeps for ever in small sleeps, whatever they answer.
//!
//! Must happen: after 10 s "a handler took longer than its time" or a cause of its own, door start, counter
//! `start_seconds`; started again with back-off. It takes no CPU and no worker: the healthy notice nothing. A stop of
//! the runtime in these 10 s need not wait for them.
use crate::case::{Case, Setting};
use crate::tricks::wait_for_ever;
use sdk::StartError;

#[derive(Default)]
pub struct Villain;

impl Case for Villain {
    async fn start(&self, _: &Setting) -> Result<(), StartError> {
        wait_for_ever().await
    }
}
