//! Row 34, door `on_fire`, reached by itself. 1,000 requests to `api` at once, then again.
//!
//! Must happen: it lives, or is ended for its calls (`host_calls`). 16 run, 64 wait, the others are refused and
//! counted (`requests`); the far end never has more than 16 of them at once.
use crate::case::{Case, Needs, Setting, TIMER};
use crate::tricks::{Lane, Tally, all};
use sdk::{Disposition, Event, StartError, http};
use std::cell::RefCell;

#[derive(Default)]
pub struct Villain {
    api: RefCell<String>,
}

impl Case for Villain {
    const NEEDS: Needs = TIMER;

    async fn start(&self, setting: &Setting) -> Result<(), StartError> {
        self.api.replace(setting.api()?.to_owned());
        Ok(())
    }

    async fn on_fire(&self, _: Event, _: String) -> Disposition {
        let url = format!("{}/flood", self.api.borrow());
        let tally = RefCell::new(Tally::default());
        let lane = async || {
            let answer = http::Request::get(&url).send().await;
            tally.borrow_mut().count(answer);
        };
        all((0..1000).map(|_| Box::pin(lane()) as Lane<'_>).collect()).await;
        tally.borrow().tell("1000 requests");
        Disposition::Done
    }
}
