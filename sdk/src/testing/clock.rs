//! Time that moves only when it is told to.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};
use std::time::Duration;

/// 2026-01-01T00:00:00Z, so that times in tests look like times.
const BEGIN_MS: u64 = 1_767_225_600_000;

#[derive(Default)]
pub(super) struct Clock {
    passed: Cell<Duration>,
    sleepers: RefCell<Vec<(Duration, Waker)>>,
}

impl Clock {
    pub(super) fn now_ms(&self) -> u64 {
        BEGIN_MS + self.monotonic_ms()
    }

    pub(super) fn monotonic_ms(&self) -> u64 {
        u64::try_from(self.passed.get().as_millis()).unwrap_or(u64::MAX)
    }

    pub(super) fn sleep(self: &Rc<Self>, time: Duration) -> impl Future<Output = ()> + use<> {
        let (clock, due) = (self.clone(), self.passed.get() + time);
        poll_fn(move |context| {
            if clock.passed.get() >= due {
                return Poll::Ready(());
            }
            clock.sleepers.borrow_mut().push((due, context.waker().clone()));
            Poll::Pending
        })
    }

    /// The time until the next sleeper, at most `limit`; passes it and wakes who is due.
    pub(super) fn step(&self, limit: Duration) -> Duration {
        let now = self.passed.get();
        let due = self.sleepers.borrow().iter().map(|(due, _)| *due).min();
        let step = due.map_or(limit, |due| due.saturating_sub(now).min(limit));
        self.passed.set(now + step);
        let awake = |(due, _): &mut (Duration, Waker)| *due <= now + step;
        let woken: Vec<_> = self.sleepers.borrow_mut().extract_if(.., awake).collect();
        woken.into_iter().for_each(|(_, waker)| waker.wake());
        step
    }

    pub(super) fn somebody_sleeps(&self) -> bool {
        !self.sleepers.borrow().is_empty()
    }
}
