//! Requests of one session that wait for their answer, each in an HTTP request of its own.
use rmcp::model::{RequestId, ServerJsonRpcMessage};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

type Waiters = HashMap<RequestId, oneshot::Sender<ServerJsonRpcMessage>>;

#[derive(Clone, Default)]
pub(crate) struct Pending(Arc<Mutex<Waiters>>);

/// Waits as long as it lives.
pub(crate) struct Waiting {
    id: RequestId,
    pending: Pending,
    answer: oneshot::Receiver<ServerJsonRpcMessage>,
}

impl Pending {
    /// `None`: one with this id is waiting already.
    pub fn wait(&self, id: RequestId) -> Option<Waiting> {
        match self.waiters().entry(id.clone()) {
            Entry::Occupied(_) => None,
            Entry::Vacant(place) => {
                let (sender, answer) = oneshot::channel();
                place.insert(sender);
                Some(Waiting { id, pending: self.clone(), answer })
            }
        }
    }

    /// Nobody waits for what is no answer, or comes too late.
    pub fn answer(&self, message: ServerJsonRpcMessage) {
        let id = match &message {
            ServerJsonRpcMessage::Response(response) => Some(&response.id),
            ServerJsonRpcMessage::Error(error) => error.id.as_ref(),
            _ => None,
        };
        let waiter = id.and_then(|id| self.waiters().remove(id));
        if let Some(waiter) = waiter {
            let _ = waiter.send(message);
        }
    }

    /// No more answers.
    pub fn close(&self) {
        self.waiters().clear();
    }

    fn waiters(&self) -> MutexGuard<'_, Waiters> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    /// `None`: the session ended.
    pub async fn answer(&mut self) -> Option<ServerJsonRpcMessage> {
        (&mut self.answer).await.ok()
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        // NB: once answered, the place may be another's with the same id.
        self.answer.close();
        let mut waiters = self.pending.waiters();
        if waiters.get(&self.id).is_some_and(oneshot::Sender::is_closed) {
            waiters.remove(&self.id);
        }
    }
}
