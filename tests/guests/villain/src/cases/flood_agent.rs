//! Row 14, door `on_fire`, reached by itself. Dispatches as fast as it can, each message with a new key and in a
//! conversation of its own, 64 at once, for ever.
//!
//! Must happen: it lives; at most 256 are open (`dispatches`), and no more in a minute than it may
//! (`dispatches_per_minute`); the journal on disk does not grow without end, and the healthy can dispatch meanwhile.
use crate::case::{Case, Needs, TIMER};
use crate::tricks::{Lane, Tally, all, message, ms};
use sdk::agent::{self, Error};
use sdk::{Disposition, Event, timers};
use std::cell::{Cell, RefCell};

#[derive(Default)]
pub struct Villain;

impl Case for Villain {
    const NEEDS: Needs = TIMER;

    async fn on_fire(&self, event: Event, _: String) -> Disposition {
        let (next, tally) = (Cell::new(0u64), RefCell::new(Tally::default()));
        let (stamp, begun) = (timers::now_ms(), timers::monotonic());
        let lane = async || {
            while timers::monotonic() - begun < ms(5000) {
                let number = next.replace(next.get() + 1);
                let key = format!("{stamp}-{}-{}-{number}", event.sequence, event.attempt);
                let answer = agent::dispatch(message(key, "flood")).await;
                let pause = match answer {
                    Err(Error::Timeout) => return,
                    Err(_) => timers::sleep(ms(1)).await,
                    Ok(_) => Ok(()),
                };
                tally.borrow_mut().count(answer);
                if pause.is_err() {
                    return;
                }
            }
        };
        all((0..64).map(|_| Box::pin(lane()) as Lane<'_>).collect()).await;
        tally.borrow().tell("dispatches in 5 s");
        Disposition::Done
    }
}
