//! Ends a guest that keeps the CPU, and lets others run meanwhile.
//!
//! The session's loop is polled by `run_concurrent` between any two pieces of guest code, never while the guest runs.
//! So a poll proves that the guest gave the store back: it starts a new turn. Within one turn each tick of the epoch is
//! one slice of CPU; after every slice the session yields to tokio, after `slices` of them the guest is interrupted.
//! Slices are counted, not wall time, so a busy host does not kill an honest guest. A guest that wants more than one
//! slice works overtime, and there are fewer places for that than workers: short handlers always find a free one.
mod share;
mod ticker;

pub use share::Share;
pub use ticker::{TICK, Ticker, Ticks};

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::yield_now;
use tokio::time::sleep;
use wasmtime::{Store, UpdateDeadline};

/// How many slices a guest may take in one turn.
#[derive(Clone)]
pub struct Budget {
    slices: u32,
    turn: Arc<AtomicU64>,
    overtime: Arc<Semaphore>,
    place: Arc<Mutex<Option<OwnedSemaphorePermit>>>,
    share: Share,
}

impl Budget {
    pub fn new(time: Duration, overtime: Arc<Semaphore>, share: Share) -> Self {
        let slices = u32::try_from(time.as_millis() / TICK.as_millis()).unwrap_or(u32::MAX).max(1);
        Self { slices, turn: Arc::default(), overtime, place: Arc::default(), share }
    }

    pub fn guard<T>(&self, store: &mut Store<T>) {
        let budget = self.clone();
        let mut seen = budget.turn.load(Relaxed);
        let mut used = 0;
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(move |_| {
            let now = budget.turn.load(Relaxed);
            if seen != now {
                // First tick of this turn: most likely it passed while the guest was away.
                (seen, used) = (now, 0);
                return Ok(UpdateDeadline::Continue(1));
            }
            used += 1;
            if used > budget.slices {
                return Ok(UpdateDeadline::Interrupt);
            }
            Ok(UpdateDeadline::YieldCustom(1, Box::pin(budget.clone().another_slice())))
        });
    }

    /// Steps back, then waits in line for a place. tokio's own yield, because it lets the worker look after its sockets
    /// first; after wasmtime's (`UpdateDeadline::Yield`) a busy worker does so only once in 61 polls.
    async fn another_slice(self) {
        self.set_place(None);
        yield_now().await;
        self.set_place(self.overtime.clone().acquire_owned().await.ok());
    }

    fn set_place(&self, place: Option<OwnedSemaphorePermit>) {
        *self.place.lock().unwrap_or_else(PoisonError::into_inner) = place;
    }

    /// Runs the loop; every poll of it is a turn.
    pub async fn turns<F: Future>(&self, session: F) -> F::Output {
        let mut session = pin!(session);
        poll_fn(|context| {
            self.turn.fetch_add(1, Relaxed);
            self.set_place(None);
            session.as_mut().poll(context)
        })
        .await
    }

    /// Everything that runs the guest goes through here: whenever it waits, for whatever, its place is free for others;
    /// and who used more than its share waits before the next step.
    pub async fn stepping<F: Future>(&self, guest: F) -> F::Output {
        let mut guest = pin!(guest);
        let mut rest = pin!(sleep(Duration::ZERO));
        let mut resting = false;
        poll_fn(|context| {
            if resting && rest.as_mut().poll(context).is_pending() {
                return Poll::Pending;
            }
            resting = false;
            let begun = Instant::now();
            let polled = guest.as_mut().poll(context);
            let wait = self.share.ran(begun, Instant::now());
            if polled.is_pending() {
                self.set_place(None);
                if let Some(wait) = wait {
                    resting = true;
                    rest.as_mut().reset((Instant::now() + wait).into());
                    // What woke the guest meanwhile is found when it is polled after its rest.
                    if rest.as_mut().poll(context).is_ready() {
                        context.waker().wake_by_ref();
                    }
                }
            }
            polled
        })
        .await
    }

    /// Ends when no turn began for so long: a call that blocks holds the whole store, and timers inside the loop cannot
    /// see it. The loop must take a turn in that time by itself. Looks twice, because after a pause of the whole process
    /// everybody seems late at first.
    pub async fn blocked(&self, after: Duration, again: Duration) {
        loop {
            let turn = self.turn.load(Relaxed);
            sleep(after).await;
            if self.turn.load(Relaxed) != turn {
                continue;
            }
            sleep(again).await;
            if self.turn.load(Relaxed) == turn {
                return;
            }
        }
    }
}
