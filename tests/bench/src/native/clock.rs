//! Timers of the native host.
use ports::mailbox::Mailbox;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;
use tokio::time::sleep;

pub struct Clock {
    mailbox: Mailbox<String>,
    started: Instant,
    timers: RefCell<BTreeMap<String, JoinHandle<()>>>,
}

impl Clock {
    pub fn new(mailbox: Mailbox<String>) -> Self {
        Self { mailbox, started: Instant::now(), timers: RefCell::default() }
    }

    /// The same name again moves it.
    pub fn once(&self, name: &str, delay: Duration) {
        let (mailbox, fires) = (self.mailbox.clone(), name.to_owned());
        let timer = tokio::task::spawn_local(async move {
            sleep(delay).await;
            // Nobody reads any more: the process ends.
            let _ = mailbox.post(fires, 0).await;
        });
        if let Some(before) = self.timers.borrow_mut().insert(name.to_owned(), timer) {
            before.abort();
        }
    }

    pub fn cancel(&self, name: &str) -> bool {
        self.timers.borrow_mut().remove(name).is_some_and(|timer| {
            timer.abort();
            !timer.is_finished()
        })
    }

    pub fn monotonic_ms(&self) -> u64 {
        self.started.elapsed().as_millis() as u64
    }
}
