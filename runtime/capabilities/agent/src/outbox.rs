//! Messages that the agent sends by itself, through `on-outbound` of an instance.
use crate::Event;
use crate::bindings::exports::connector::runtime::agent_handler::{
    Outbound, OutboundError, Receipt as WitReceipt,
};
use contract::types::Disposition;
use ports::identity::InstanceId;
use ports::mailbox::Mailbox;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::sync::oneshot;
use tokio::time::timeout;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The platform's name for the message, if it gives one.
    pub message_id: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    #[error("no instance {0} is running")]
    UnknownInstance(String),
    #[error("{0} cannot send by itself: it has no agent-handler")]
    NoHandler(String),
    #[error("too many messages wait for this instance already")]
    Busy,
    #[error("the connector will not send it: {0}")]
    Rejected(String),
    #[error("the instance ended before it answered; the message may have been sent")]
    Ended,
    #[error("no answer within {0} s; it is still being tried")]
    Timeout(u64),
}

/// Longest wait for a receipt; the connector may go on trying.
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Clone, Default)]
pub struct Outbox(Arc<Inner>);

struct Inner {
    /// Part of every id, so that those of another process never look alike.
    epoch: u64,
    instances: Mutex<BTreeMap<InstanceId, Way>>,
    sequence: AtomicU64,
}

impl Default for Inner {
    fn default() -> Self {
        let epoch = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_micros() as u64);
        Self { epoch, instances: Mutex::default(), sequence: AtomicU64::new(0) }
    }
}

#[derive(Clone)]
struct Way {
    mailbox: Mailbox<Event>,
    has_handler: bool,
}

/// While it lives, messages can be sent through the instance.
pub struct Listed {
    outbox: Outbox,
    id: InstanceId,
}

impl Outbox {
    /// Sends `text` to `to`, as the instance's platform names it. Waits for the receipt, at most a minute.
    ///
    /// # Errors
    /// [`SendError`].
    pub async fn send(&self, id: &InstanceId, to: String, text: String) -> Result<Receipt, SendError> {
        let way = self.lock().get(id).cloned().ok_or_else(|| SendError::UnknownInstance(id.to_string()))?;
        if !way.has_handler {
            return Err(SendError::NoHandler(id.to_string()));
        }
        let sequence = self.0.sequence.fetch_add(1, Relaxed);
        let bytes = text.len();
        let (answer, answered) = oneshot::channel();
        let message = Outbound { id: format!("{id}#{:x}-{sequence}", self.0.epoch), to, text };
        let sending = Sending { sequence, message, answer: Arc::new(Mutex::new(Some(answer))) };
        way.mailbox.try_post(Event::Outbound(sending), bytes).map_err(|_| SendError::Busy)?;
        match timeout(PATIENCE, answered).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(SendError::Ended),
            Err(_) => Err(SendError::Timeout(PATIENCE.as_secs())),
        }
    }

    pub(crate) fn list(&self, id: InstanceId, mailbox: Mailbox<Event>, has_handler: bool) -> Listed {
        self.lock().insert(id.clone(), Way { mailbox, has_handler });
        Listed { outbox: self.clone(), id }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<InstanceId, Way>> {
        self.0.instances.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Listed {
    fn drop(&mut self) {
        self.outbox.lock().remove(&self.id);
    }
}

type Answer = oneshot::Sender<Result<Receipt, SendError>>;

/// One message on its way to the guest. Its sender waits over retries and restarts of the guest.
#[derive(Clone)]
pub struct Sending {
    pub(crate) sequence: u64,
    pub(crate) message: Outbound,
    answer: Arc<Mutex<Option<Answer>>>,
}

impl Sending {
    pub(crate) fn judge(self, result: Result<WitReceipt, OutboundError>) -> Disposition {
        match result {
            Ok(WitReceipt { message_id }) => self.give(Ok(Receipt { message_id })),
            Err(OutboundError::Reject(why)) => self.give(Err(SendError::Rejected(why))),
            Err(OutboundError::Retry(ms)) => return Disposition::Retry(ms),
        }
        Disposition::Done
    }

    fn give(self, result: Result<Receipt, SendError>) {
        if let Some(answer) = self.answer.lock().unwrap_or_else(PoisonError::into_inner).take() {
            let _ = answer.send(result);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ports::mailbox::{Capacity, Settled, queue};

    #[tokio::test]
    async fn a_sender_waits_over_a_retry_for_the_receipt() {
        let (post, mut queue) = queue();
        let outbox = Outbox::default();
        let id = InstanceId::new("default", "test", "one").unwrap();
        let _listed =
            outbox.list(id.clone(), post.room(|event| event, Capacity { events: 4, bytes: 4096 }), true);
        let guest = async {
            let letter = queue.next().await.unwrap();
            let Event::Outbound(sending) = letter.event.clone() else { panic!() };
            assert_eq!((&*sending.message.to, &*sending.message.text), ("channel", "hi"));
            assert_eq!(sending.clone().judge(Err(OutboundError::Retry(5))), Disposition::Retry(5));
            let receipt = WitReceipt { message_id: Some("m1".into()) };
            assert_eq!(sending.judge(Ok(receipt)), Disposition::Done);
            letter.settle(Settled::Done);
        };
        let (sent, ()) = tokio::join!(outbox.send(&id, "channel".into(), "hi".into()), guest);
        assert_eq!(sent, Ok(Receipt { message_id: Some("m1".into()) }));
    }
}
