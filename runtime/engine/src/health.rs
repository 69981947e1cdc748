//! What is known of a session, for whoever asks: written by its task, read from anywhere.
use serde::Serialize;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

#[derive(Debug)]
pub struct Health(Mutex<Inner>);

#[derive(Debug)]
struct Inner {
    state: State,
    counts: Counts,
    last_failure: Option<LastFailure>,
    last_event: Option<Instant>,
    next_start: Option<Instant>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    Starting,
    Running,
    /// No instance; the next event starts one.
    Asleep,
    /// Failed; started again at `next_start_in_ms`.
    BackingOff,
    /// Failed for a reason that only the operator can mend.
    Failed,
    Stopped,
}

/// Since the process began.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Counts {
    pub starts: u64,
    pub restarts: u64,
    pub delivered: u64,
    pub done: u64,
    pub retried: u64,
    pub rejected: u64,
    pub poison: u64,
    pub in_flight: usize,
    pub waiting: usize,
}

#[derive(Debug, Clone, Serialize)]
pub struct LastFailure {
    pub cause: String,
    /// The room and the order of the handler that is to blame, or `start`.
    pub door: String,
    pub unix_ms: u64,
}

/// One moment of a session's health.
#[derive(Debug, Clone, Serialize)]
pub struct Snapshot {
    pub state: State,
    #[serde(flatten)]
    pub counts: Counts,
    pub last_failure: Option<LastFailure>,
    pub last_event_ms_ago: Option<u64>,
    pub next_start_in_ms: Option<u64>,
}

impl Default for Health {
    fn default() -> Self {
        let (counts, state) = (Counts::default(), State::Starting);
        Self(Mutex::new(Inner { state, counts, last_failure: None, last_event: None, next_start: None }))
    }
}

impl Health {
    pub fn snapshot(&self) -> Snapshot {
        let inner = self.lock();
        let millis = |duration: Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        Snapshot {
            state: inner.state,
            counts: inner.counts,
            last_failure: inner.last_failure.clone(),
            last_event_ms_ago: inner.last_event.map(|at| millis(at.elapsed())),
            next_start_in_ms: inner.next_start.map(|at| millis(at.saturating_duration_since(Instant::now()))),
        }
    }

    pub(crate) fn becomes(&self, state: State) {
        let mut inner = self.lock();
        inner.state = state;
        inner.next_start = None;
    }

    pub(crate) fn backs_off(&self, delay: Duration) {
        let mut inner = self.lock();
        inner.state = State::BackingOff;
        inner.next_start = Some(Instant::now() + delay);
    }

    pub(crate) fn failed(&self, cause: String, door: String) {
        let unix_ms =
            SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64);
        self.lock().last_failure = Some(LastFailure { cause, door, unix_ms });
    }

    pub(crate) fn delivers(&self) {
        let mut inner = self.lock();
        inner.counts.delivered += 1;
        inner.last_event = Some(Instant::now());
    }

    pub(crate) fn count(&self, change: impl FnOnce(&mut Counts)) {
        change(&mut self.lock().counts);
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
