//! The journal and the store in one SQLite file: what was accepted, what is to be told, what could not be delivered, and
//! what connectors keep.
//!
//! *Use when* one process owns its state directory and the disk's sync is the dearest thing there is: everything that
//! waits while one sync runs shares the next one. *Not for* state that several machines share: stand another
//! implementation of [`ports::journal::Journal`] and [`ports::store::Store`] beside this one.
//!
//! One thread has the connection. Writes and reads reach it by one queue, so the order of the calls is the order of
//! their effect, and a read sees all that was asked for before it. The queue itself has no bound: whoever appends bounds
//! what it has in flight.
mod append;
mod asked;
mod commit;
mod counts;
mod entries;
mod fault;
mod look;
mod open;
mod pen;
mod ports_of;
mod retention;
mod schema;
mod stuck;
mod summary;
#[cfg(test)]
mod tests;
mod writer;

pub use counts::Counts;
pub use open::OpenError;
pub use summary::Standing;

use asked::{Command, Look, Work};
use counts::Counters;
use fault::Fault;
use futures::future::BoxFuture;
use ports::journal;
use rusqlite::Connection;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread::{self, JoinHandle};
use writer::Writer;

/// The file in the state directory; SQLite puts `-wal` and `-shm` beside it.
pub const FILE: &str = "journal.sqlite";

/// Milliseconds since the Unix epoch; [`ports::clock::epoch_ms`] outside of tests.
pub type Clock = Arc<dyn Fn() -> u64 + Send + Sync>;

/// A handle; cheap to clone. When the last one is dropped, what is queued is written and the file closed *within the
/// drop*: do that where blocking for a few milliseconds does no harm.
#[derive(Clone)]
pub struct Sqlite(Arc<Handle>);

struct Handle {
    /// `None` only while the handle is dropped.
    queue: Option<Sender<Box<dyn Command>>>,
    thread: Option<JoinHandle<()>>,
    counters: Arc<Counters>,
}

impl Sqlite {
    /// Opens the journal in `dir`, or makes one there (folder 0700, file 0600), and starts its thread. Blocks.
    ///
    /// # Errors
    /// See [`OpenError`]; nothing was changed then, except that an empty file may have been made.
    pub fn open(dir: &Path, clock: Clock) -> Result<Self, OpenError> {
        let connection = open::open(dir)?;
        let (queue, commands) = channel();
        let counters = Arc::<Counters>::default();
        let writer = Writer::new(connection, commands, clock, counters.clone());
        let thread = thread::Builder::new().name("journal".into()).spawn(move || writer.run());
        let thread = thread.map_err(OpenError::Thread)?;
        Ok(Self(Arc::new(Handle { queue: Some(queue), thread: Some(thread), counters })))
    }

    /// What was done since [`Sqlite::open`].
    pub fn counts(&self) -> Counts {
        self.0.counters.now()
    }

    /// What each instance that has anything open or dead has, by name; also those the config no longer names. As it is on
    /// disk, so an operator sees it even while batches wait for room.
    pub fn summary(&self) -> journal::Read<Vec<Standing>> {
        self.look(false, summary::summary)
    }

    /// Queued within the call. A `strict` one fails while a batch waits for room: it would not see it.
    fn look<T: Send + 'static, E: From<Fault> + 'static>(
        &self,
        strict: bool,
        look: impl Fn(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> BoxFuture<'static, Result<T, E>> {
        let answer = self.ask(Look { strict, look });
        Box::pin(async move { answer.await.map_err(E::from) })
    }

    /// Queued within the call.
    fn ask<W: Work>(&self, work: W) -> BoxFuture<'static, Result<W::Answer, W::Error>> {
        let (command, answer) = asked::ask(work);
        // What can't be sent is dropped, and the way of its answer with it.
        let _ = self.0.queue.as_ref().map(|queue| queue.send(command));
        Box::pin(async move { answer.await.unwrap_or_else(|_| Err(Fault::Closed.into())) })
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        // NB: the queue first, its end is what the thread stops at.
        drop(self.queue.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
