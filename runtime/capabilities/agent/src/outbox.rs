//! Messages that the agent sends by itself, through `on-outbound` of an instance. One that was taken is on disk until the
//! connector answered for it.
use crate::Event;
use crate::bindings::exports::connector::runtime::agent_handler::{
    Outbound, OutboundError, Receipt as WitReceipt,
};
use crate::kept::{self, Kept};
use crate::recovery::Sent;
use contract::types::Disposition;
use futures::FutureExt;
use ports::clock::epoch_ms;
use ports::identity::InstanceId;
use ports::journal::{self, Batch, Durable, Journal, Letter, LetterId, Outcome, Past, Record};
use ports::log_budget::printable;
use ports::mailbox::{Closed, Fate, History, Keeper, Mailbox, Settled};
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;
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
    #[error("{0} messages wait for this instance already")]
    Busy(usize),
    #[error("it was not taken: {0}")]
    NotKept(journal::Error),
    #[error("set aside (see `runtime deadletters`): {0}")]
    Rejected(String),
    #[error("the instance ended before it answered; it will be tried again when the instance is there again")]
    Ended,
    #[error("no answer within {0} s; it is kept and still being tried")]
    Timeout(u64),
}

/// Longest wait for a receipt; the message is tried on.
const PATIENCE: Duration = Duration::from_secs(60);

/// Longest name of a message, as the platform names it.
const MESSAGE_ID_BYTES: usize = 256;

/// Messages of one instance that are not answered for.
pub const MOST: usize = 256;

#[derive(Clone)]
pub struct Outbox {
    journal: Arc<dyn Journal>,
    instances: Arc<Mutex<BTreeMap<InstanceId, Arc<Way>>>>,
    /// Numbers the events.
    sequence: Arc<AtomicU64>,
}

/// The way to one instance's platform: one lane for each place there, so that one place that is closed holds up no other.
pub(crate) struct Way {
    mailbox: Mailbox<Event>,
    has_handler: bool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    waiting: usize,
    /// A lane in here has a task that works it off.
    lanes: HashMap<String, VecDeque<Waiting>>,
}

struct Waiting {
    sent: Sent,
    /// Before it is open, nothing may be sent.
    gate: Durable,
    answer: Option<Answer>,
}

/// While it lives, messages can be sent through the instance.
pub struct Listed {
    outbox: Outbox,
    id: InstanceId,
    way: Weak<Way>,
}

impl Outbox {
    pub fn new(journal: Arc<dyn Journal>) -> Self {
        Self { journal, instances: Arc::default(), sequence: Arc::default() }
    }

    /// Sends `text` to `to`, as the instance's platform names it; to one place in the order of the calls. From the moment
    /// when it is on disk it is tried until the connector answers for it, over restarts too. Waits for the receipt, at
    /// most a minute.
    ///
    /// # Errors
    /// [`SendError`].
    pub async fn send(&self, id: &InstanceId, to: String, text: String) -> Result<Receipt, SendError> {
        let way =
            self.instances().get(id).cloned().ok_or_else(|| SendError::UnknownInstance(id.to_string()))?;
        if !way.has_handler {
            return Err(SendError::NoHandler(id.to_string()));
        }
        let (answer, answered) = oneshot::channel();
        {
            let mut state = way.lock();
            if state.waiting >= MOST {
                return Err(SendError::Busy(MOST));
            }
            let message = Outbound { id: uuid::Uuid::now_v7().simple().to_string(), to, text };
            let sent = Sent { message, since_ms: epoch_ms(), past: Past::default() };
            let letter = Letter {
                id: LetterId { source: sent.message.id.clone(), number: 0 },
                instance: id.clone(),
                since_ms: sent.since_ms,
                body: kept::write(&Kept::outbound(&sent.message)),
                past: Past::default(),
            };
            let gate = self.journal.append(Batch::of(vec![Record::Letter(letter)]));
            self.queue(&way, &mut state, Waiting { sent, gate, answer: Some(answer) });
        }
        // Who waits must not keep alive what answers him.
        drop(way);
        match timeout(PATIENCE, answered).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(SendError::Ended),
            Err(_) => Err(SendError::Timeout(PATIENCE.as_secs())),
        }
    }

    /// The instance is there: what an earlier process had taken for it goes on.
    pub(crate) fn list(
        &self,
        id: InstanceId,
        mailbox: Mailbox<Event>,
        has_handler: bool,
        earlier: Vec<Sent>,
    ) -> Listed {
        let way = Arc::new(Way { mailbox, has_handler, state: Mutex::default() });
        for sent in earlier {
            let gate = async { Ok(Outcome::Written) }.boxed();
            self.queue(&way, &mut way.lock(), Waiting { sent, gate, answer: None });
        }
        let weak = Arc::downgrade(&way);
        self.instances().insert(id.clone(), way);
        Listed { outbox: self.clone(), id, way: weak }
    }

    fn queue(&self, way: &Arc<Way>, state: &mut State, waiting: Waiting) {
        state.waiting += 1;
        let to = waiting.sent.message.to.clone();
        match state.lanes.get_mut(&to) {
            Some(lane) => lane.push_back(waiting),
            None => {
                state.lanes.insert(to.clone(), VecDeque::from([waiting]));
                tokio::spawn(self.clone().work(way.clone(), to));
            }
        }
    }

    /// Works off one lane; ends when nothing of it is left, or with the instance.
    async fn work(self, way: Arc<Way>, to: String) {
        while let Some(Waiting { sent, gate, answer }) = way.next_of(&to) {
            let done = match gate.await {
                Ok(_) => self.carry(&way, sent, answer).await,
                Err(error) => {
                    answer.map(|answer| answer.send(Err(SendError::NotKept(error))));
                    Ok(())
                }
            };
            let mut state = way.lock();
            state.waiting -= 1;
            if done.is_err() {
                // The instance has ended: those behind it are on disk, and their senders hear so now.
                state.lanes.remove(&to);
                return;
            }
        }
    }

    async fn carry(&self, way: &Way, sent: Sent, answer: Option<Answer>) -> Result<(), Closed> {
        let Sent { message, since_ms, past } = sent;
        let history = History {
            since_ms: Some(since_ms),
            past,
            keeper: Some(self.keeper(&message.id)),
            revived: false,
        };
        self.deliver(&way.mailbox, message, answer, history).await.map(drop)
    }

    pub(crate) async fn deliver(
        &self,
        mailbox: &Mailbox<Event>,
        message: Outbound,
        answer: Option<Answer>,
        history: History,
    ) -> Result<Settled, Closed> {
        let sequence = self.sequence.fetch_add(1, Relaxed);
        let bytes = message.text.len();
        let sending = Sending { sequence, message, answer: Arc::new(Mutex::new(answer)) };
        let settled = mailbox.deliver_with(Event::Outbound(sending.clone()), bytes, history).await?;
        if let Settled::Rejected(why) = &settled {
            sending.give(Err(SendError::Rejected(why.clone())));
        }
        Ok(settled)
    }

    fn keeper(&self, id: &str) -> Keeper {
        let (journal, letter) = (self.journal.clone(), LetterId { source: id.to_owned(), number: 0 });
        Arc::new(move |fate| {
            let batch = match fate {
                Fate::Failed(past) => {
                    let record = Record::Setback { letter: letter.clone(), past: past.clone() };
                    Batch { must: past.deaths > 0, records: vec![record] }
                }
                Fate::Done => Batch::must(vec![Record::Settled(letter.clone())]),
                Fate::Rejected { dead, .. } => {
                    let settled = Record::Settled(letter.clone());
                    Batch::must(dead.map(Record::Dead).into_iter().chain([settled]).collect())
                }
            };
            drop(journal.append(batch));
        })
    }

    fn instances(&self) -> MutexGuard<'_, BTreeMap<InstanceId, Arc<Way>>> {
        self.instances.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Way {
    fn next_of(&self, to: &str) -> Option<Waiting> {
        let mut state = self.lock();
        let next = state.lanes.get_mut(to).and_then(VecDeque::pop_front);
        if next.is_none() {
            state.lanes.remove(to);
        }
        next
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Listed {
    /// Gone when nobody works for the instance any more.
    pub(crate) fn way(&self) -> Weak<Way> {
        self.way.clone()
    }
}

impl Drop for Listed {
    fn drop(&mut self) {
        self.outbox.instances().remove(&self.id);
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
            Ok(WitReceipt { message_id }) => {
                let message_id = message_id.map(|id| printable(&id, MESSAGE_ID_BYTES));
                self.give(Ok(Receipt { message_id }));
                Disposition::Done
            }
            Err(OutboundError::Reject(why)) => Disposition::Reject(why),
            Err(OutboundError::Retry(ms)) => Disposition::Retry(ms),
        }
    }

    fn give(&self, result: Result<Receipt, SendError>) {
        if let Some(answer) = self.answer.lock().unwrap_or_else(PoisonError::into_inner).take() {
            let _ = answer.send(result);
        }
    }
}

#[cfg(test)]
mod tests;
