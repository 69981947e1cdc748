//! The one place that writes the record, wakes whoever waits for it and tells whoever watches.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, broadcast};

use super::happening::Happening;
use super::record::Record;

/// Happenings a live reader may be behind.
const LIVE_BACKLOG: usize = 4_096;

/// Where everything that happens is written down.
pub(super) struct Recorder {
    record: Mutex<Record>,
    /// Woken by each happening.
    pub(super) changed: Notify,
    live: broadcast::Sender<Happening>,
    numbers: AtomicU64,
}

impl Recorder {
    pub(super) fn new(keep: usize) -> Self {
        Self {
            record: Mutex::new(Record::new(keep)),
            changed: Notify::new(),
            live: broadcast::Sender::new(LIVE_BACKLOG),
            numbers: AtomicU64::new(0),
        }
    }

    pub(super) fn note(&self, happening: Happening) {
        let mut record = self.record();
        if self.live.receiver_count() > 0 {
            // The last reader may leave right here, and then nobody minds.
            let _ = self.live.send(happening.clone());
        }
        record.add(happening);
        drop(record);
        self.changed.notify_waiters();
    }

    pub(super) fn live(&self) -> broadcast::Receiver<Happening> {
        self.live.subscribe()
    }

    /// A number for a connection, from 1.
    pub(super) fn number(&self) -> u64 {
        self.numbers.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// A `look` that panics is a test that fails: the record itself is whole, so the next one may read it.
    pub(super) fn record(&self) -> MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
