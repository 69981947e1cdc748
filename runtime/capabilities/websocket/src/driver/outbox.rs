//! Frames on their way out. One queue per connection: it dies with the connection, and whoever waits in it is told,
//! so that no frame ever goes to a connection that its sender did not mean.
use super::error::SendError;
use super::plan::Plan;
use std::sync::Arc;
use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio_tungstenite::tungstenite::Message;

/// Enough for a burst; past it the sender waits, which is what a slow platform means.
const QUEUE_FRAMES: usize = 16;
/// With the frame that is being written. A larger frame counts as the whole and goes alone.
const QUEUE_BYTES: usize = 1 << 20;

/// The senders' end.
#[derive(Clone)]
pub(super) struct Outbox {
    /// Locked over both waits: senders keep the order in which they came.
    line: Arc<Mutex<mpsc::Sender<Box<Outgoing>>>>,
    room: Arc<Semaphore>,
    /// With which this connection was dialled; the next may differ.
    pub(super) plan: Arc<Plan>,
}

/// The connection's end.
pub(super) struct Queue {
    pub(super) frames: mpsc::Receiver<Box<Outgoing>>,
    room: Arc<Semaphore>,
}

/// Its message may hold a secret: no `Debug`.
pub(super) struct Outgoing {
    pub(super) message: Message,
    pub(super) sent: oneshot::Sender<()>,
    pub(super) room: OwnedSemaphorePermit,
}

pub(super) fn outbox(plan: Arc<Plan>) -> (Outbox, Queue) {
    let (line, frames) = mpsc::channel(QUEUE_FRAMES);
    let room = Arc::new(Semaphore::new(QUEUE_BYTES));
    (Outbox { line: Arc::new(Mutex::new(line)), room: room.clone(), plan }, Queue { frames, room })
}

impl Outbox {
    /// Waits for room, then until the frame was flushed to the socket.
    pub(super) async fn send(&self, message: Message) -> Result<(), SendError> {
        let (sent, flushed) = oneshot::channel();
        let bytes = message.len().clamp(1, QUEUE_BYTES) as u32;
        let line = self.line.lock().await;
        let room = self.room.clone().acquire_many_owned(bytes).await.map_err(|_| SendError::Closed)?;
        line.send(Box::new(Outgoing { message, sent, room })).await.map_err(|_| SendError::Closed)?;
        drop(line);
        flushed.await.map_err(|_| SendError::Closed)
    }
}

impl Queue {
    /// Tells everybody in it.
    pub(super) fn close(&mut self) {
        self.room.close();
        self.frames.close();
        while self.frames.try_recv().is_ok() {}
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        self.close();
    }
}
