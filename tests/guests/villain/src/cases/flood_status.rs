//! Row 9, door `on_fire`, reached by itself. Reports a status of a megabyte, odd characters first, every millisecond.
//!
//! Must happen: it lives. `runtime status` shows at most 256 bytes of it, escaped, and nothing that looks like another
//! instance's line or a terminal's command; the log has no more lines "reports" than the budget of lines allows
//! (`log_lines_per_10s`); memory of the host stays flat.
use crate::case::{Case, Needs, TIMER};
use crate::tricks::{ODD, ms};
use sdk::status::{self, State};
use sdk::{Disposition, Event, timers};

#[derive(Default)]
pub struct Villain;

impl Case for Villain {
    const NEEDS: Needs = TIMER;

    async fn on_fire(&self, event: Event, _: String) -> Disposition {
        let states = [State::Idle, State::Connecting, State::Connected, State::Degraded, State::Failed];
        for number in event.sequence as usize.. {
            let text = ODD[number % ODD.len()].repeat(1 << 14);
            status::report(states[number % states.len()], Some(&text));
            if timers::sleep(ms(1)).await.is_err() {
                break;
            }
        }
        Disposition::Done
    }
}
