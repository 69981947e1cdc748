//! Looking at the record, and waiting for what it shows instead of sleeping.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::Fort;
use super::record::{Kind, Record, Request};

/// A loaded build machine is slow, and nothing that works waits that long.
const PATIENCE: Duration = Duration::from_secs(60);

impl Fort {
    /// Wait until the record shows what `look` wants. `what` completes "waited 60s for …".
    ///
    /// NB: `look` runs under the record's lock, so it must not call the fort. With a paused clock the deadline passes as
    /// soon as everything else is idle.
    ///
    /// # Panics
    /// After 60 s; says what was seen.
    pub async fn until(&self, what: &str, mut look: impl FnMut(&Record) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let changed = self.shared.changed.notified();
            tokio::pin!(changed);
            // NB: before looking, or a change between the look and the wait would be missed.
            changed.as_mut().enable();
            if self.record(&mut look) {
                return;
            }
            if timeout_at(deadline, changed).await.is_err() {
                panic!("waited {PATIENCE:?} for {what}; seen: {}", self.record(Record::to_string));
            }
        }
    }

    /// Look at what happened so far.
    pub fn record<T>(&self, look: impl FnOnce(&Record) -> T) -> T {
        look(&self.shared.record())
    }

    /// TCP connections that ever came, also those whose TLS handshake failed.
    pub fn connections(&self) -> usize {
        self.record(|record| record.connections().len())
    }

    /// Whole requests, upgrades among them.
    pub fn requests(&self) -> Vec<Request> {
        self.record(|record| record.requests().to_vec())
    }

    /// Payloads of the text, binary and close messages.
    pub fn messages(&self) -> Vec<Vec<u8>> {
        let wanted = |kind| !matches!(kind, Kind::Ping | Kind::Pong);
        self.record(|record| {
            let messages = record.messages().iter().filter(|message| wanted(message.kind));
            messages.map(|message| message.payload.clone()).collect()
        })
    }

    /// Everything that clients ever said: see `Record::all_bytes`.
    pub fn all_bytes(&self) -> Vec<u8> {
        self.record(Record::all_bytes)
    }

    /// What came that was not in order: see `Record::faults`.
    pub fn faults(&self) -> Vec<String> {
        self.record(|record| record.faults().to_vec())
    }
}
