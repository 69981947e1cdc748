//! One session: a server of `rmcp` with its client on the other side of HTTP requests.
use crate::desk::Desk;
use crate::message::Message;
use crate::offer::{Offer, Told};
use crate::pending::Pending;
use crate::pipe::{Pipe, QUEUE};
use rmcp::model::{ClientJsonRpcMessage, ErrorCode, ErrorData, RequestId, ServerJsonRpcMessage};
use rmcp::service::serve_server;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};

/// As other protocols over JSON-RPC have it; this one has none.
const CANCELLED: ErrorCode = ErrorCode(-32800);

/// Ends when it is dropped, with all calls under way.
pub(crate) struct Conversation {
    incoming: mpsc::Sender<ClientJsonRpcMessage>,
    pending: Pending,
    /// What the client knows of the tools.
    pub told: Told,
    /// Of the stream that is open: the newest is the one. 0 when the session has ended.
    pub streams: watch::Sender<u64>,
    used: Mutex<Used>,
    task: JoinHandle<()>,
}

struct Used {
    now: usize,
    last: Instant,
}

/// Why there is no answer.
pub(crate) enum Silence {
    /// One with this id is waiting.
    Doubled,
    Ended,
    TooLong,
}

impl Conversation {
    pub fn begin(desk: Arc<Desk>) -> Arc<Self> {
        let offer = Offer::new(desk);
        let told = offer.told();
        let (incoming, queue) = mpsc::channel(QUEUE);
        let pending = Pending::default();
        let task = tokio::spawn(serve(offer, queue, pending.clone()));
        let used = Mutex::new(Used { now: 0, last: Instant::now() });
        Arc::new(Self { incoming, pending, told, streams: watch::Sender::new(0), used, task })
    }

    /// The answer to a request, within so long.
    pub async fn ask(
        &self,
        id: RequestId,
        message: ClientJsonRpcMessage,
        within: Duration,
    ) -> Result<ServerJsonRpcMessage, Silence> {
        let mut waiting = self.pending.wait(id).ok_or(Silence::Doubled)?;
        let asking = async {
            self.incoming.send(message).await.ok()?;
            waiting.answer().await
        };
        timeout(within, asking).await.map_err(|_| Silence::TooLong)?.ok_or(Silence::Ended)
    }

    /// A notification. Whoever waits for what it cancels is told.
    pub async fn tell(&self, message: Message) {
        match message {
            Message::Notification(message) => drop(self.incoming.send(message).await),
            Message::Cancelled(id, message) => {
                let _ = self.incoming.send(message).await;
                let error = ErrorData::new(CANCELLED, "cancelled by the client", None);
                self.pending.answer(ServerJsonRpcMessage::error(error, Some(id)));
            }
            _ => {}
        }
    }

    /// Held by a request or a stream.
    pub fn hold(self: &Arc<Self>) -> Hold {
        self.using(|used| used.now += 1);
        Hold(self.clone())
    }

    /// How long it has not been used; `None` while it is.
    pub fn idle(&self) -> Option<Duration> {
        self.using(|used| (used.now == 0).then(|| used.last.elapsed()))
    }

    pub fn has_ended(&self) -> bool {
        self.task.is_finished()
    }

    /// Ends it, whoever still holds it: calls, streams and those who wait.
    pub fn end(&self) {
        self.task.abort();
        self.pending.close();
        self.streams.send_replace(0);
    }

    fn using<T>(&self, with: impl FnOnce(&mut Used) -> T) -> T {
        with(&mut self.used.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Conversation {
    fn drop(&mut self) {
        self.end();
    }
}

/// A session in use.
pub(crate) struct Hold(Arc<Conversation>);

impl Drop for Hold {
    fn drop(&mut self) {
        self.0.using(|used| {
            used.now -= 1;
            used.last = Instant::now();
        });
    }
}

async fn serve(offer: Offer, incoming: mpsc::Receiver<ClientJsonRpcMessage>, pending: Pending) {
    let (outgoing, mut answers) = mpsc::channel(QUEUE);
    let serving = async {
        if let Ok(running) = serve_server(offer, Pipe { incoming, outgoing: Some(outgoing) }).await {
            let _ = running.waiting().await;
        }
    };
    let answering = async {
        while let Some(message) = answers.recv().await {
            pending.answer(message);
        }
    };
    tokio::join!(serving, answering);
    pending.close();
}
