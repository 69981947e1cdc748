//! What is known of a session, for whoever asks: written by its task, read from anywhere.
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

#[derive(Debug)]
pub struct Health {
    inner: Mutex<Inner>,
    /// Bytes of linear memory of the living instance; 0: none lives.
    pub(crate) memory: Arc<AtomicUsize>,
}

#[derive(Debug)]
struct Inner {
    state: State,
    counts: Counts,
    last_failure: Option<LastFailure>,
    last_event: Option<Instant>,
    next_start: Option<Instant>,
    failures: BTreeMap<&'static str, u64>,
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
    /// Failed too often in a row: everything it had open is closed; tried once more at `next_start_in_ms`.
    Quarantined,
    /// As the operator wants it.
    Paused,
    Stopped,
}

impl State {
    /// As `status` spells it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Running => "running",
            Self::Asleep => "asleep",
            Self::BackingOff => "backing-off",
            Self::Failed => "failed",
            Self::Quarantined => "quarantined",
            Self::Paused => "paused",
            Self::Stopped => "stopped",
        }
    }
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
    /// Ends of an instance that it did not want, failed stops among them.
    pub failures: u64,
    pub quarantines: u64,
    pub in_flight: usize,
    pub waiting: usize,
}

#[derive(Debug, Clone, Serialize)]
pub struct LastFailure {
    /// One word for the cause.
    pub class: &'static str,
    pub cause: String,
    /// Where it was: `instantiation`, `start`, a handler with its room and event, `stop`.
    pub door: String,
    /// What it wrote to its standard error last, such as the text of a panic. The connector's own words.
    pub said: Option<String>,
    /// Functions of the component, innermost first.
    pub trace: Vec<String>,
    pub unix_ms: u64,
}

/// One moment of a session's health.
#[derive(Debug, Clone, Serialize)]
pub struct Snapshot {
    pub state: State,
    #[serde(flatten)]
    pub counts: Counts,
    pub failures_by_class: BTreeMap<&'static str, u64>,
    pub last_failure: Option<LastFailure>,
    pub last_event_ms_ago: Option<u64>,
    pub next_start_in_ms: Option<u64>,
    /// Of linear memory; 0: no instance lives.
    pub memory_bytes: usize,
}

impl Default for Health {
    fn default() -> Self {
        let (counts, state) = (Counts::default(), State::Starting);
        let failures = BTreeMap::new();
        let inner = Mutex::new(Inner {
            state,
            counts,
            last_failure: None,
            last_event: None,
            next_start: None,
            failures,
        });
        Self { inner, memory: Arc::default() }
    }
}

impl Health {
    pub fn snapshot(&self) -> Snapshot {
        let inner = self.lock();
        let millis = |duration: Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        Snapshot {
            memory_bytes: self.memory.load(Relaxed),
            state: inner.state,
            counts: inner.counts,
            failures_by_class: inner.failures.clone(),
            last_failure: inner.last_failure.clone(),
            last_event_ms_ago: inner.last_event.map(|at| millis(at.elapsed())),
            next_start_in_ms: inner.next_start.map(|at| millis(at.saturating_duration_since(Instant::now()))),
        }
    }

    pub fn becomes(&self, state: State) {
        let mut inner = self.lock();
        inner.state = state;
        inner.next_start = None;
    }

    /// In `state`, with another start after `delay`.
    pub fn waits(&self, state: State, delay: Duration) {
        let mut inner = self.lock();
        inner.state = state;
        inner.next_start = Some(Instant::now() + delay);
    }

    pub(crate) fn failed(&self, failure: LastFailure) {
        let mut inner = self.lock();
        inner.counts.failures += 1;
        *inner.failures.entry(failure.class).or_default() += 1;
        inner.last_failure = Some(failure);
    }

    pub fn state(&self) -> State {
        self.lock().state
    }

    pub(crate) fn delivers(&self) {
        let mut inner = self.lock();
        inner.counts.delivered += 1;
        inner.last_event = Some(Instant::now());
    }

    pub fn count(&self, change: impl FnOnce(&mut Counts)) {
        change(&mut self.lock().counts);
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
