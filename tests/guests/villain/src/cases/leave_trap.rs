//! Rows 30 and 31, door `on_fire`, reached by itself. Answers `done` and panics 50 ms later, in what it left behind.
//!
//! Must happen: "panicked", door "start, or a task that outlived its handler"; the log has "the door on_fire was
//! left". No event is to blame: nothing becomes poison by it, and the tick that was answered does not come again.
use crate::afterwards::leave;
use crate::case::{Case, Needs, TIMER};
use crate::tricks::ms;
use sdk::{Disposition, Event, timers};

#[derive(Default)]
pub struct Villain;

impl Case for Villain {
    const NEEDS: Needs = TIMER;

    async fn on_fire(&self, _: Event, _: String) -> Disposition {
        leave(async {
            drop(timers::sleep(ms(50)).await);
            panic!("the door on_fire was left")
        });
        Disposition::Done
    }
}
