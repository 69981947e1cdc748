//! Waiting for what the record shows, instead of sleeping.

use std::sync::Arc;

use tokio::time::{Instant, timeout_at};

use super::Gateway;
use super::record::{Prompt, Record, Request};

impl Gateway {
    /// Wait until `look` finds what it wants. `what` completes "waited 30s for …".
    ///
    /// NB: `look` runs under the gateway's lock, so it must not call the gateway.
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
        look(&self.shared.state().record)
    }

    /// Wait until a method was called `count` times in all; answers those calls.
    pub async fn asked(&self, method: &str, count: usize) -> Vec<Arc<Request>> {
        let what = format!("{count} calls of {method}");
        self.wait_for(&what, |record| Some(record.asked(method)).filter(|asked| asked.len() >= count)).await
    }

    /// Wait until the model was asked `count` times in all; answers what.
    pub async fn prompted(&self, count: usize) -> Vec<Prompt> {
        let what = format!("{count} prompts");
        self.wait_for(&what, |record| (record.prompts().len() >= count).then(|| record.prompts().to_vec()))
            .await
    }

    /// Wait until connections were let in `count` times in all.
    pub async fn connected(&self, count: u64) {
        let what = format!("{count} admitted connections");
        self.wait_for(&what, |record| (record.connections_admitted() >= count).then_some(())).await;
    }

    /// Wait until `count` runs ended in all.
    pub async fn ended(&self, count: u64) {
        self.wait_for(&format!("{count} ended runs"), |record| (record.runs_ended() >= count).then_some(()))
            .await;
    }

    /// Wait until nobody is connected.
    pub async fn alone(&self) {
        self.wait_for("every client to leave", |record| (record.connections_open() == 0).then_some(())).await;
    }
}
