//! Row 31, door `on_fire`, reached by itself. Blocks: `std::thread::sleep`, which is a poll of WASI that holds the
//! store.
//!
//! Must happen: after `handler_seconds` and grace "a call that blocks held the whole instance" (or "a handler took
//! longer than its time": which watch sees it first is chance), door a timers handler, counter `handler_seconds`. The
//! watch looks only once in that time, so it may take twice as long. It takes no CPU.
use crate::case::{Case, Needs, TIMER};
use crate::tricks::ms;
use sdk::{Disposition, Event};

#[derive(Default)]
pub struct Villain;

impl Case for Villain {
    const NEEDS: Needs = TIMER;

    async fn on_fire(&self, _: Event, _: String) -> Disposition {
        std::thread::sleep(ms(3_600_000));
        Disposition::Done
    }
}
