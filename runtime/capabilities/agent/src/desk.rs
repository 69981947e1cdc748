//! One instance's messages: accepted once and for good, one after the other in each conversation, each with its ticket.
use crate::Event;
use crate::kept::{self, Context, KeptMessage};
use crate::line::Earlier;
use contract::Gauge;
use futures::FutureExt;
use futures::future::{BoxFuture, Shared};
use ports::agent::{Backend, Message};
use ports::clock::epoch_ms;
use ports::identity::InstanceId;
use ports::journal::{self, Batch, Error, Journal, Outcome, Past, Record};
use ports::mailbox::Mailbox;
use ports::rate::Rate;
use serde_json::json;
use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio_util::sync::{CancellationToken, DropGuard};
use tracing::{Instrument, info_span};

pub struct Desk {
    pub(crate) inner: Arc<Inner>,
    /// Dropped with the seat: ends all work.
    _end: DropGuard,
}

pub(crate) struct Inner {
    pub id: InstanceId,
    pub backend: Arc<dyn Backend>,
    pub journal: Arc<dyn Journal>,
    pub mailbox: Mailbox<Event>,
    most: usize,
    rate: Rate,
    pub counts: Counts,
    state: Mutex<State>,
    /// A conversation got one more that waits.
    pub queued: Notify,
    pub end: CancellationToken,
    /// Cancelled when the connector has started: before that nobody would hear an answer.
    pub begun: CancellationToken,
}

#[derive(Default)]
pub(crate) struct Counts {
    accepted: AtomicU64,
    duplicates: AtomicU64,
    recovered: AtomicU64,
    pub answered: AtomicU64,
    pub failed: AtomicU64,
    pub repeated: AtomicU64,
}

#[derive(Default)]
struct State {
    /// A conversation in here has a task that works on it.
    conversations: HashMap<String, VecDeque<Job>>,
    open: HashMap<String, CancellationToken>,
    /// Why the agent is not available, while it is not.
    trouble: Option<String>,
}

/// A message with what comes back with its replies.
pub(crate) struct Job {
    pub key: String,
    pub message: Message,
    pub context: Vec<u8>,
    pub progress: bool,
    pub accepted_ms: u64,
    /// When to give up if no answer has begun.
    pub deadline_ms: u64,
    /// Before it is open, nothing may be done about the message.
    pub gate: Gate,
    pub aborted: CancellationToken,
    pub before: Before,
    /// Of a message that was set aside before.
    pub past: Past,
}

/// What an earlier process said about a message.
#[derive(Default)]
pub(crate) struct Before {
    /// The first number that is free.
    pub number: u32,
    /// The answer as far as it went.
    pub told: String,
    /// The agent may have been given the message.
    pub asked: bool,
    /// What the connector has not answered for.
    pub unanswered: Vec<Earlier>,
    /// The last of them ends the ticket.
    pub ended: bool,
}

/// Tells whether the message is on disk.
pub(crate) type Gate = Shared<BoxFuture<'static, Result<Outcome, Error>>>;

/// What was said, before it has a ticket.
pub struct Arrival {
    pub key: String,
    /// Gets its instance and its ticket here.
    pub message: Message,
    pub context: Vec<u8>,
    pub progress: bool,
    /// How long to wait for an answer to begin.
    pub patience: Duration,
    pub past: Past,
}

/// How much one instance may hand over.
#[derive(Clone, Copy, Debug)]
pub struct Most {
    /// Not answered yet.
    pub open: usize,
    pub per_minute: u32,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Accepted {
    New(String),
    Duplicate(String),
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("too many messages are not answered yet")]
    Full,
    #[error("too many messages in a minute")]
    Often,
    #[error(transparent)]
    Journal(Error),
}

impl Desk {
    /// Goes on where an earlier process ended. To be called inside of a tokio runtime.
    pub(crate) fn new(
        id: InstanceId,
        backend: Arc<dyn Backend>,
        journal: Arc<dyn Journal>,
        mailbox: Mailbox<Event>,
        most: Most,
        earlier: Vec<Job>,
    ) -> Self {
        let end = CancellationToken::new();
        let (counts, state, queued) = (Counts::default(), Mutex::default(), Notify::new());
        let rate = Rate::per_minute(most.per_minute);
        let (inner_end, guard) = (end.clone(), end.drop_guard());
        let inner = Arc::new(Inner {
            id,
            backend,
            journal,
            mailbox,
            most: most.open,
            rate,
            counts,
            state,
            queued,
            end: inner_end,
            begun: CancellationToken::new(),
        });
        inner.counts.recovered.store(earlier.len() as u64, Relaxed);
        earlier.into_iter().for_each(|job| inner.clone().queue(job));
        Self { inner, _end: guard }
    }

    /// The agent may be asked from now on.
    pub fn begin(&self) {
        self.inner.begun.cancel();
    }

    /// Takes a message in, or says that it was taken in before. Its place in the conversation is that of this call; the
    /// future tells when it is on disk. Dropped, the message is taken in all the same.
    pub fn accept(&self, arrival: Arrival) -> impl Future<Output = Result<Accepted, Refused>> + Send + use<> {
        self.inner.clone().accept(arrival)
    }

    /// Whether there was such an open ticket.
    pub fn abort(&self, ticket: &str) -> bool {
        self.inner.lock().open.get(ticket).inspect(|token| token.cancel()).is_some()
    }

    pub fn gauge(&self) -> Gauge {
        let inner = Arc::downgrade(&self.inner);
        Arc::new(move || inner.upgrade().map_or(serde_json::Value::Null, |inner| inner.gauge()))
    }
}

impl Inner {
    pub fn accept(
        self: Arc<Self>,
        arrival: Arrival,
    ) -> impl Future<Output = Result<Accepted, Refused>> + Send + 'static {
        let conversation = arrival.message.conversation.clone();
        let queued = self.clone().take_in(arrival);
        async move {
            let (ticket, gate) = queued?;
            let known = match gate.await {
                Ok(Outcome::Written) => {
                    self.counts.accepted.fetch_add(1, Relaxed);
                    return Ok(Accepted::New(ticket));
                }
                Ok(Outcome::Known { ticket }) => Ok(Accepted::Duplicate(ticket)),
                Err(error) => Err(Refused::Journal(error)),
            };
            self.forget(&conversation, &ticket);
            self.counts.duplicates.fetch_add(u64::from(known.is_ok()), Relaxed);
            known
        }
    }

    /// Everything that has to keep the order of the calls.
    fn take_in(self: Arc<Self>, arrival: Arrival) -> Result<(String, Gate), Refused> {
        let Arrival { key, mut message, context, progress, patience, past } = arrival;
        if self.lock().open.len() >= self.most {
            return Err(Refused::Full);
        }
        if !self.rate.take() {
            return Err(Refused::Often);
        }
        message.ticket = uuid::Uuid::now_v7().simple().to_string();
        message.instance = self.id.clone();
        let ticket = message.ticket.clone();
        let accepted_ms = epoch_ms();
        let deadline_ms = accepted_ms.saturating_add(patience.as_millis() as u64);
        let kept = KeptMessage { message, context: Context(context), progress };
        let row = journal::Message {
            instance: self.id.clone(),
            ticket: ticket.clone(),
            key: key.clone(),
            accepted_ms,
            deadline_ms,
            body: kept::write(&kept),
        };
        let gate = self.journal.append(Batch::of(vec![Record::Accepted(row)])).shared();
        let KeptMessage { message, context: Context(context), .. } = kept;
        let (aborted, before) = (CancellationToken::new(), Before::default());
        let gated = gate.clone();
        self.queue(Job {
            key,
            message,
            context,
            progress,
            accepted_ms,
            deadline_ms,
            gate: gated,
            aborted,
            before,
            past,
        });
        Ok((ticket, gate))
    }

    fn queue(self: Arc<Self>, job: Job) {
        let mut state = self.lock();
        state.open.insert(job.message.ticket.clone(), job.aborted.clone());
        let conversation = job.message.conversation.clone();
        match state.conversations.get_mut(&conversation) {
            Some(waiting) => {
                waiting.push_back(job);
                self.queued.notify_waiters();
            }
            None => {
                state.conversations.insert(conversation.clone(), VecDeque::from([job]));
                let span = info_span!("agent.conversation", connector = %self.id);
                tokio::spawn(self.clone().work(conversation).instrument(span));
            }
        }
    }

    /// The next job of a conversation; `None` ends the work on it.
    pub fn next_of(&self, conversation: &str) -> Option<Job> {
        let mut state = self.lock();
        let next = state.conversations.get_mut(conversation).and_then(VecDeque::pop_front);
        if next.is_none() {
            state.conversations.remove(conversation);
        }
        next
    }

    /// When the first of those that wait is out of time.
    pub fn soonest_deadline(&self, conversation: &str) -> Option<u64> {
        let state = self.lock();
        let waiting = state.conversations.get(conversation)?.iter();
        waiting.filter(|job| job.before.number == 0).map(|job| job.deadline_ms).min()
    }

    /// Takes those out of the queue that waited too long. One with an answer that has begun stays.
    pub fn out_of_time(&self, conversation: &str, now_ms: u64) -> Vec<Job> {
        let mut state = self.lock();
        let Some(waiting) = state.conversations.get_mut(conversation) else { return Vec::new() };
        let late = |job: &Job| job.deadline_ms <= now_ms && job.before.number == 0;
        let (late, rest): (Vec<Job>, Vec<Job>) = waiting.drain(..).partition(late);
        waiting.extend(rest);
        late
    }

    /// The instance has ended, or nothing can be kept: the next process goes on with what is on disk.
    pub fn abandon(&self, conversation: &str) {
        let mut state = self.lock();
        for job in state.conversations.remove(conversation).into_iter().flatten() {
            state.open.remove(&job.message.ticket);
        }
    }

    /// It was not taken in after all. If its turn has come already, its worker finds that out too.
    fn forget(&self, conversation: &str, ticket: &str) {
        let mut state = self.lock();
        state.open.remove(ticket);
        if let Some(waiting) = state.conversations.get_mut(conversation) {
            waiting.retain(|job| job.message.ticket != ticket);
        }
    }

    pub fn closed(&self, ticket: &str) {
        self.lock().open.remove(ticket);
    }

    /// Returns whether this is news.
    pub fn trouble(&self, why: Option<String>) -> bool {
        let mut state = self.lock();
        let news = state.trouble.is_some() != why.is_some();
        state.trouble = why;
        news
    }

    fn gauge(&self) -> serde_json::Value {
        let (open, conversations, trouble) = {
            let state = self.lock();
            (state.open.len(), state.conversations.len(), state.trouble.clone())
        };
        let read = |count: &AtomicU64| count.load(Relaxed);
        let Counts { accepted, duplicates, recovered, answered, failed, repeated } = &self.counts;
        json!({
            "backend": self.backend.name(), "trouble": trouble, "open": open, "conversations": conversations,
            "accepted": read(accepted), "duplicates": read(duplicates), "recovered": read(recovered),
            "answered": read(answered), "failed": read(failed), "asked_again": read(repeated),
        })
    }

    #[cfg(test)]
    fn waiting(&self, conversation: &str) -> usize {
        self.lock().conversations.get(conversation).map_or(0, VecDeque::len)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
