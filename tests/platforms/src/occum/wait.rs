//! Waiting for something to have happened, instead of sleeping: woken by each happening, with a deadline.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::Occum;
use super::event::{Agent, Event};
use super::happening::Request;
use super::record::Record;
use super::requests::Requests;
use super::work::WorkSession;

impl Occum {
    /// Wait until `look` sees in the record what it wants: a `bool` that is true, or an `Option` that is something,
    /// which is then the answer. `what` completes "waited 30s for …".
    ///
    /// NB: `look` runs under the record's lock, so it must not call the platform. With a paused clock the deadline
    /// passes as soon as everything else is idle.
    ///
    /// # Panics
    /// `Settings::patience` is over; says what was seen.
    pub async fn wait_for<S: Seen>(&self, what: &str, look: impl FnMut(&Record) -> S) -> S::Found {
        match self.wait_within(self.platform.settings.patience, what, look).await {
            Ok(found) => found,
            Err(not_seen) => panic!("{not_seen}"),
        }
    }

    /// Like `wait_for`, with a deadline of its own and an error instead of a panic.
    ///
    /// # Errors
    /// The time is over.
    pub async fn wait_within<S: Seen>(
        &self,
        within: Duration,
        what: &str,
        mut look: impl FnMut(&Record) -> S,
    ) -> Result<S::Found, NotSeen> {
        let recorder = &self.platform.recorder;
        let deadline = Instant::now() + within;
        loop {
            let changed = recorder.changed.notified();
            tokio::pin!(changed);
            // NB: before looking, or a change between the look and the wait would be missed.
            changed.as_mut().enable();
            let found = look(&recorder.record()).seen();
            if let Some(found) = found {
                return Ok(found);
            }
            if timeout_at(deadline, changed).await.is_err() {
                return Err(NotSeen { what: what.to_owned(), within, seen: recorder.record().to_string() });
            }
        }
    }

    /// Look at what happened so far.
    pub fn record<T>(&self, look: impl FnOnce(&Record) -> T) -> T {
        look(&self.platform.recorder.record())
    }

    /// Wait until `count` messages in all were posted into a channel over REST; answers all of them, in order.
    pub async fn posted(&self, channel: &str, count: u64) -> Vec<Arc<Event>> {
        let what = format!("{count} posts in {channel}");
        self.wait_for(&what, |record| (record.posts_count(channel) >= count).then(|| record.posts(channel)))
            .await
    }

    /// Wait until `count` requests of this kind have arrived in all; answers all of them, in order. They may still be
    /// without an answer.
    pub async fn asked(&self, which: &Requests, count: usize) -> Vec<Arc<Request>> {
        let what = format!("{count} requests like {which}");
        self.wait_for(&what, |record| Some(record.asked(which)).filter(|asked| asked.len() >= count)).await
    }

    /// Wait until `count` different work sessions of a channel are completed; answers all its sessions, those that are
    /// open too.
    pub async fn worked(&self, channel: &str, count: u64) -> Vec<Arc<WorkSession>> {
        let what = format!("{count} completed work sessions in {channel}");
        let done = |record: &Record| record.work_completed_count(channel) >= count;
        self.wait_for(&what, |record| done(record).then(|| record.work(channel))).await
    }

    /// Wait until WebSockets were authenticated `count` times in all: 1 for the first connect, 2 for the reconnect.
    pub async fn connected(&self, count: u64) {
        let what = format!("{count} authenticated sockets");
        self.wait_for(&what, |record| record.authenticated() >= count).await;
    }

    /// Wait until this agent has a socket that is authenticated and still open.
    pub async fn online(&self, agent: &Agent) {
        // Who is behind a socket is known to the hub and not to the record; the record changes whenever that does.
        let what = format!("a socket of {}", agent.name);
        loop {
            let seen = self.record(|record| (record.authenticated(), record.sockets_open()));
            if self.sockets_of(agent).count() > 0 {
                return;
            }
            self.wait_for(&what, |record| (record.authenticated(), record.sockets_open()) != seen).await;
        }
    }

    /// Wait until no WebSocket is open.
    pub async fn offline(&self) {
        self.wait_for("every socket to close", |record| record.sockets_open() == 0).await;
    }
}

/// What a look at the record may answer.
pub trait Seen {
    type Found;
    /// What was found, or none: look again later.
    fn seen(self) -> Option<Self::Found>;
}

impl Seen for bool {
    type Found = ();
    fn seen(self) -> Option<()> {
        self.then_some(())
    }
}

impl<T> Seen for Option<T> {
    type Found = T;
    fn seen(self) -> Option<T> {
        self
    }
}

/// What was awaited did not happen in time.
#[derive(Debug)]
pub struct NotSeen {
    what: String,
    within: Duration,
    seen: String,
}

impl fmt::Display for NotSeen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "waited {:?} for {}; seen: {}", self.within, self.what, self.seen)
    }
}

impl std::error::Error for NotSeen {}
