//! Waiting for what the record shows, instead of sleeping.

use std::sync::Arc;

use tokio::time::{Instant, timeout_at};

use super::Api;
use super::record::{Record, Request};

impl Api {
    /// Wait until `look` finds what it wants. `what` completes "waited 30s for …".
    ///
    /// NB: `look` runs under the record's lock, so it must not call the server. With a paused clock the deadline passes
    /// as soon as everything else is idle.
    ///
    /// # Panics
    /// `Settings::patience` is over; says what was seen.
    pub async fn wait_for<T>(&self, what: &str, mut look: impl FnMut(&Record) -> Option<T>) -> T {
        let patience = self.shared.settings.patience;
        let deadline = Instant::now() + patience;
        loop {
            let changed = self.shared.changed.notified();
            tokio::pin!(changed);
            // NB: before looking, or a change between the look and the wait would be missed.
            changed.as_mut().enable();
            if let Some(found) = self.record(&mut look) {
                return found;
            }
            if timeout_at(deadline, changed).await.is_err() {
                panic!("waited {patience:?} for {what}; seen: {}", self.record(Record::to_string));
            }
        }
    }

    /// Look at what happened so far.
    pub fn record<T>(&self, look: impl FnOnce(&Record) -> T) -> T {
        look(&self.shared.record())
    }

    /// Wait until `count` requests have come in all; answers those that are remembered, in order. The last may still
    /// be without an answer.
    pub async fn asked(&self, count: u64) -> Vec<Arc<Request>> {
        let all = |record: &Record| record.requests().cloned().collect();
        self.wait_for(&format!("{count} requests"), |record| {
            (record.requests_count() >= count).then(|| all(record))
        })
        .await
    }

    /// Wait until no client is connected.
    pub async fn alone(&self) {
        self.wait_for("every client to leave", |record| (record.connections_open() == 0).then_some(())).await;
    }
}
