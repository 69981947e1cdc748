//! Row 13, door `on_message`, reached by a far end that floods. Takes 200 ms for each frame.
//!
//! Must happen: it lives, and takes its 80 frames a second (16 handlers at once). The mailbox is bounded:
//! `mailbox_events` or `mailbox_kib` is counted, the runtime stops reading the socket, so that the far end stands
//! still; memory of the host stays flat. It is not closed as `slow`, as frames are taken all the time. The healthy
//! notice nothing.
use crate::case::{Case, Needs, SOCKET};
use crate::tricks::ms;
use sdk::{Disposition, Event, timers};

#[derive(Default)]
pub struct Villain;

impl Case for Villain {
    const NEEDS: Needs = SOCKET;

    async fn on_message(&self, _: Event, _: String) -> Disposition {
        drop(timers::sleep(ms(200)).await);
        Disposition::Done
    }
}
