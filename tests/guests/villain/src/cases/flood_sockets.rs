//! Row 34, door `start`, reached by itself. Subscribes 1,000 sockets to `url`, closes one and opens another, for
//! ever.
//!
//! Must happen: it lives; 16 are accepted, the others refused and counted (`sockets`); `start` is not late; the far
//! end sees 16 connections (a few more while some close), and no storm of new ones: who closes and subscribes again,
//! or calls `reconnect`, does not dial without back-off. The process has no more files open than that; lines such as
//! "open" are no flood.
use crate::case::{Case, Setting};
use crate::tricks::{Tally, ms, quick};
use sdk::{Disposition, Event, StartError, timers, websocket};
use std::cell::{Cell, RefCell};

#[derive(Default)]
pub struct Villain {
    url: RefCell<String>,
    next: Cell<usize>,
}

impl Case for Villain {
    async fn start(&self, setting: &Setting) -> Result<(), StartError> {
        let url = setting.url()?;
        let mut tally = Tally::default();
        (0..1000).for_each(|number| tally.count(websocket::subscribe(&format!("s{number}"), url, quick())));
        tally.tell("1000 sockets");
        self.url.replace(url.to_owned());
        timers::subscribe("tick", ms(100))?;
        Ok(())
    }

    async fn on_fire(&self, _: Event, _: String) -> Disposition {
        for _ in 0..100 {
            let number = self.next.replace(self.next.get() + 1);
            drop(websocket::close(&format!("s{number}")));
            drop(websocket::subscribe(&format!("s{}", number + 16), &self.url.borrow(), quick()));
            drop(websocket::reconnect(&format!("s{}", number + 16)));
        }
        Disposition::Done
    }
}
