//! Row 31, door `stop`, reached when the runtime is asked to end (Ctrl-C). Sleeps for ever in small sleeps.
//!
//! Must happen: after 5 s the instance is dropped, the log says "stop failed", counter `stop_seconds`; the process
//! ends in order. Others have stopped meanwhile.
use crate::case::Case;
use crate::tricks::wait_for_ever;

#[derive(Default)]
pub struct Villain;

impl Case for Villain {
    async fn stop(&self) {
        wait_for_ever().await;
    }
}
