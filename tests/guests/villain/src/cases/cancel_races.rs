//! Row 29, door `on_fire`, reached by itself. Each tick sets 32 timers of 10 ms, lets 9 to 15 ms pass (waiting, or
//! computing so that they fire while nothing can be delivered) and cancels them, while others are set and cancelled
//! on the spot.
//!
//! Must happen: it lives. A timer whose `cancel` said that there was one does not fire after that: otherwise it
//! panics with "a cancelled timer fired", and so it does when a timer neither fires nor can be cancelled ("a timer
//! was lost").
use crate::case::{Case, Needs, TIMER};
use crate::tricks::{compute, ms};
use sdk::{Disposition, Event, State, timers};
use std::collections::BTreeMap;

#[derive(Default)]
pub struct Villain {
    /// By name, which no two rounds share.
    timers: State<BTreeMap<String, Fate>>,
}

#[derive(Clone, Copy, PartialEq)]
enum Fate {
    Set,
    Fired,
    Cancelled,
    /// It was too late to cancel it: it has to come.
    Due,
}

impl Case for Villain {
    const NEEDS: Needs = TIMER;

    async fn on_fire(&self, event: Event, name: String) -> Disposition {
        if name == "tick" {
            self.round(event).await;
            return Disposition::Done;
        }
        match self.timers.with(|timers| timers.insert(name.clone(), Fate::Fired)) {
            Some(Fate::Cancelled) => panic!("a cancelled timer fired: {name}"),
            Some(Fate::Fired) => panic!("a timer fired twice: {name}"),
            _ => Disposition::Done,
        }
    }
}

impl Villain {
    async fn round(&self, event: Event) {
        let name = |nth: u32| format!("{}-{}-{nth}", event.sequence, event.attempt);
        let names: Vec<String> = (0..32).map(name).collect();
        for name in &names {
            drop(timers::once("on the spot", ms(10)));
            timers::cancel("on the spot");
            if timers::once(name, ms(10)).is_ok() {
                self.timers.with(|timers| timers.insert(name.clone(), Fate::Set));
            }
        }
        match event.sequence % 4 {
            0 => compute(ms(15)),
            more => drop(timers::sleep(ms(8 + more)).await),
        }
        names.iter().for_each(|name| self.cancel(name));
        drop(timers::sleep(ms(1000)).await);
        for name in &names {
            let fate = self.timers.with(|timers| timers.remove(name));
            assert!(fate != Some(Fate::Due), "a timer was lost: {name}");
        }
        sdk::log::info!("a round without a race", computing = event.sequence.is_multiple_of(4));
    }

    fn cancel(&self, name: &str) {
        let fate = if timers::cancel(name) { Fate::Cancelled } else { Fate::Due };
        let fired = self.timers.with(|timers| match timers.get_mut(name) {
            Some(now @ Fate::Set) => {
                *now = fate;
                false
            }
            now => now == Some(&mut Fate::Fired) && fate == Fate::Cancelled,
        });
        if fired {
            sdk::log::warn!("cancel found a timer that had fired", name = name);
        }
    }
}
