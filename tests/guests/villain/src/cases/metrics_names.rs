//! Row 42, doors `start` and `on_fire`, reached by itself; with `url` also names of sockets. Each tick 100 names that
//! are like no others and partly odd, for timers, sockets, keys, the store, the fields of a line, and a status.
//!
//! Must happen: it lives. No label of a metric and no name of a span is made of what a guest says: after 10,000 names
//! there are as many series as before. Status and log escape them.
use crate::case::{Case, Setting};
use crate::tricks::{ODD, ms, quick};
use sdk::crypto::{self, Class, Kind};
use sdk::log::Level;
use sdk::{Disposition, Event, StartError, log, status, store, timers, websocket};
use std::cell::{Cell, RefCell};

#[derive(Default)]
pub struct Villain {
    url: RefCell<Option<String>>,
    next: Cell<usize>,
}

impl Case for Villain {
    async fn start(&self, setting: &Setting) -> Result<(), StartError> {
        self.url.replace(setting.url().ok().map(str::to_owned));
        timers::subscribe("tick", ms(100))?;
        Ok(())
    }

    async fn on_fire(&self, _: Event, _: String) -> Disposition {
        for _ in 0..100 {
            let number = self.next.replace(self.next.get() + 1);
            let odd: String = ODD[number % ODD.len()].chars().take(20).collect();
            for name in [format!("n{number}"), format!("{odd}{number}")] {
                self.name(&name).await;
            }
        }
        Disposition::Done
    }
}

impl Villain {
    async fn name(&self, name: &str) {
        drop(timers::once(name, ms(3_600_000)));
        timers::cancel(name);
        if let Some(url) = self.url.borrow().as_deref() {
            drop(websocket::subscribe(name, &format!("{url}{}", name.len()), quick()));
            drop(websocket::close(name));
        }
        log::write(Level::Info, name, &[(name.to_owned(), name.to_owned())]);
        status::report(status::State::Degraded, Some(name));
        drop(store::set(name, name).await);
        drop(store::delete(name).await);
        drop(crypto::ensure(name, Kind::HmacSha256, Class::Session).await);
        drop(crypto::forget(name).await);
    }
}
