//! Row 12, door `on_fire`, reached by itself. Uses a handle after it dropped it.
//!
//! Must happen: the instance ends with "broke its contract with the runtime: unknown handle index …", door a timers
//! handler.
use crate::case::{Case, Needs, TIMER};
use crate::raw;
use sdk::{Disposition, Event, log};

#[derive(Default)]
pub struct Villain;

impl Case for Villain {
    const NEEDS: Needs = TIMER;

    async fn on_fire(&self, _: Event, _: String) -> Disposition {
        let pollable = raw::pollable();
        let number = pollable.take_handle();
        drop(raw::handle(number));
        let ready = raw::handle(number).ready();
        log::error!("A DROPPED HANDLE WAS ANSWERED", ready = ready);
        Disposition::Done
    }
}
