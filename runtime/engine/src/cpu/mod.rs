//! Ends a guest that keeps the CPU, and lets others run meanwhile.
//!
//! The session's loop is polled by `run_concurrent` between any two pieces of guest code, never while the guest runs.
//! So a poll proves that the guest gave the store back: it starts a new turn. Within one turn the session yields to tokio
//! at each tick of the epoch, and after its budget the guest is interrupted. Measured is the CPU time of the thread, host
//! calls included, and not the clock on the wall: a busy machine does not kill an honest guest. A guest that wants more
//! than one tick works overtime, and there are fewer places for that than workers: short handlers always find a free one.
mod clock;
mod share;
mod ticker;

pub use share::Share;
pub use ticker::{TICK, Ticker, Ticks};

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::yield_now;
use tokio::time::sleep;
use wasmtime::{Store, UpdateDeadline};

/// What a guest may take in one turn.
#[derive(Clone)]
pub struct Budget {
    time: Duration,
    turn: Arc<Turn>,
    overtime: Arc<Semaphore>,
    place: Arc<Mutex<Option<OwnedSemaphorePermit>>>,
    share: Share,
}

/// The present turn. Written by the task that runs the guest, whatever thread that is on.
struct Turn {
    number: AtomicU64,
    /// When it began: on the wall, after `zero`.
    begun_us: AtomicU64,
    zero: Instant,
    /// What it took, up to the present poll of the guest.
    spent_us: AtomicU64,
    /// The thread's clock from which on `spent_us` does not count yet.
    from_us: AtomicU64,
    /// The thread's clock when this poll began, whatever turns begin in it.
    poll_us: AtomicU64,
    /// The guest is held at a tick; it has not given the store back.
    held: AtomicBool,
    /// How often it was.
    holds: AtomicU64,
}

impl Turn {
    fn new() -> Self {
        let [number, begun_us, spent_us, from_us, poll_us, holds] =
            std::array::from_fn(|_| AtomicU64::new(0));
        Self {
            number,
            begun_us,
            zero: Instant::now(),
            spent_us,
            from_us,
            poll_us,
            held: AtomicBool::new(false),
            holds,
        }
    }

    fn begins(&self) {
        self.number.fetch_add(1, Relaxed);
        self.begun_us.store(self.zero.elapsed().as_micros() as u64, Relaxed);
    }

    fn hold(&self) {
        self.held.store(true, Relaxed);
        self.holds.fetch_add(1, Relaxed);
    }

    /// On the wall, since it began.
    fn age(&self) -> Duration {
        self.zero.elapsed().saturating_sub(Duration::from_micros(self.begun_us.load(Relaxed)))
    }

    fn polled(&self, now_us: u64) {
        self.from_us.store(now_us, Relaxed);
        self.poll_us.store(now_us, Relaxed);
    }

    /// The poll is over; there may be more in the same turn. Returns what the poll took.
    fn paused(&self, now_us: u64) -> Duration {
        self.spent_us.fetch_add(now_us.saturating_sub(self.from_us.load(Relaxed)), Relaxed);
        Duration::from_micros(now_us.saturating_sub(self.poll_us.load(Relaxed)))
    }

    /// What this poll has taken by now.
    fn poll(&self) -> Duration {
        Duration::from_micros(clock::thread_us().saturating_sub(self.poll_us.load(Relaxed)))
    }

    /// What the turn has taken by now.
    fn spent(&self) -> Duration {
        let poll = clock::thread_us().saturating_sub(self.from_us.load(Relaxed));
        Duration::from_micros(self.spent_us.load(Relaxed) + poll)
    }

    /// Counted is from here on, and what it took so far: other turns may have begun and ended in the same poll.
    fn measure(&self) {
        let now = clock::thread_us();
        let poll = now.saturating_sub(self.from_us.load(Relaxed));
        self.spent_us.store(poll.min(self.age().as_micros() as u64), Relaxed);
        self.from_us.store(now, Relaxed);
    }
}

impl Budget {
    pub fn new(time: Duration, overtime: Arc<Semaphore>, share: Share) -> Self {
        Self { time, turn: Arc::new(Turn::new()), overtime, place: Arc::default(), share }
    }

    pub fn guard<T>(&self, store: &mut Store<T>) {
        let budget = self.clone();
        let mut seen = None;
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(move |_| {
            let now = Some(budget.turn.number.load(Relaxed));
            if seen != now {
                // First tick of this turn: most likely it passed while the guest was away.
                seen = now;
                budget.turn.measure();
            }
            let spent = budget.turn.spent();
            if spent >= budget.time {
                return Ok(UpdateDeadline::Interrupt);
            }
            // Not only by the turn: a guest can make events for itself and turn round and round within one poll, which
            // would never let the worker go.
            if spent < TICK && budget.turn.poll() < TICK {
                return Ok(UpdateDeadline::Continue(1));
            }
            budget.turn.hold();
            Ok(UpdateDeadline::YieldCustom(1, Box::pin(budget.clone().another_slice())))
        });
    }

    /// Steps back, then waits in line for a place. tokio's own yield, because it lets the worker look after its sockets
    /// first; after wasmtime's (`UpdateDeadline::Yield`) a busy worker does so only once in 61 polls.
    async fn another_slice(self) {
        self.set_place(None);
        yield_now().await;
        self.set_place(self.overtime.clone().acquire_owned().await.ok());
        self.turn.held.store(false, Relaxed);
    }

    fn set_place(&self, place: Option<OwnedSemaphorePermit>) {
        *self.place.lock().unwrap_or_else(PoisonError::into_inner) = place;
    }

    /// Runs the loop; every poll of it is a turn.
    pub async fn turns<F: Future>(&self, session: F) -> F::Output {
        let mut session = pin!(session);
        poll_fn(|context| {
            self.turn.begins();
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
        let mut last_turn = None;
        poll_fn(|context| {
            if resting && rest.as_mut().poll(context).is_pending() {
                return Poll::Pending;
            }
            resting = false;
            self.turn.polled(clock::thread_us());
            let polled = guest.as_mut().poll(context);
            let took = self.turn.paused(clock::thread_us());
            let wait = self.share.ran(took, Instant::now());
            if polled.is_pending() {
                self.set_place(None);
                // Not twice in a turn: one that never ends it is to be found out soon. Its debt stays.
                let turn = Some(self.turn.number.load(Relaxed));
                let amid = self.turn.held.load(Relaxed) && last_turn == turn;
                last_turn = turn;
                if let Some(wait) = wait.filter(|_| !amid) {
                    self.share.rests();
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
    /// everybody seems late at first. One that computes, or waits for its place to, is not blocked: that has a budget of
    /// its own, and on a busy machine it would be its neighbours who end it.
    pub async fn blocked(&self, after: Duration, again: Duration) {
        loop {
            let turn = self.turn.number.load(Relaxed);
            match after.checked_sub(self.turn.age()) {
                Some(left) if !left.is_zero() => sleep(left).await,
                _ => {
                    let holds = self.turn.holds.load(Relaxed);
                    sleep(again).await;
                    let computes = self.turn.held.load(Relaxed) || self.turn.holds.load(Relaxed) != holds;
                    if self.turn.number.load(Relaxed) == turn && !computes {
                        return;
                    }
                }
            }
        }
    }
}
