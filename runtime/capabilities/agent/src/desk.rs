//! One instance's messages: accepted once, one after the other in each conversation, each with its ticket.
use crate::Event;
use crate::backend::{Backend, Failed, Message, Say};
use crate::bindings::exports::connector::runtime::agent_handler::{
    Delta, Failure, FailureClass, Reply, ReplyEvent,
};
use contract::Gauge;
use futures::FutureExt;
use futures::future::BoxFuture;
use ports::identity::InstanceId;
use ports::mailbox::{Closed, Mailbox, Settled};
use serde_json::json;
use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Instant, SystemTime, UNIX_EPOCH};
use tokio_util::sync::{CancellationToken, DropGuard};
use tracing::{Instrument, debug, info_span, warn};

/// Keys kept to know a duplicate by: some hours of a busy channel.
const KEYS: usize = 10_000;
/// What `history` remembers of one instance.
const HISTORY_BYTES: usize = 1 << 20;

pub struct Desk {
    inner: Arc<Inner>,
    /// Dropped with the seat: ends all work.
    _end: DropGuard,
}

struct Inner {
    id: InstanceId,
    backend: Arc<dyn Backend>,
    mailbox: Mailbox<Event>,
    most: usize,
    /// Tickets of this process start with it, so that those of another never look alike.
    epoch: u64,
    counts: Counts,
    state: Mutex<State>,
    end: CancellationToken,
}

#[derive(Default)]
struct Counts {
    accepted: AtomicU64,
    duplicates: AtomicU64,
    answered: AtomicU64,
    failed: AtomicU64,
}

#[derive(Default)]
struct State {
    tickets: u64,
    keys: HashMap<String, String>,
    key_order: VecDeque<String>,
    /// A conversation in here has a task that works on it.
    conversations: HashMap<String, VecDeque<Job>>,
    open: HashMap<String, CancellationToken>,
    history: VecDeque<Turn>,
    history_bytes: usize,
}

/// A message with what comes back with its replies.
pub struct Job {
    pub message: Message,
    pub context: Vec<u8>,
    /// When to give up if no answer has begun.
    pub deadline: Instant,
}

#[derive(Debug, Clone)]
pub struct Turn {
    pub conversation: String,
    pub from_agent: bool,
    pub text: String,
    pub at_ms: u64,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Accepted {
    New(String),
    Duplicate(String),
}

#[derive(Debug, PartialEq, Eq)]
pub struct Full;

impl Desk {
    pub fn new(id: InstanceId, backend: Arc<dyn Backend>, mailbox: Mailbox<Event>, most: usize) -> Self {
        let end = CancellationToken::new();
        let epoch = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_micros() as u64);
        let (counts, state) = (Counts::default(), Mutex::default());
        let inner = Inner { id, backend, mailbox, most, epoch, counts, state, end: end.clone() };
        Self { inner: Arc::new(inner), _end: end.drop_guard() }
    }

    /// Takes a message in, or says that it was taken in before. `make` gets the ticket.
    pub fn accept(
        &self,
        key: String,
        make: impl FnOnce(&InstanceId, String) -> Job,
    ) -> Result<Accepted, Full> {
        let inner = &self.inner;
        let mut state = inner.lock();
        if let Some(ticket) = state.keys.get(&key) {
            inner.counts.duplicates.fetch_add(1, Relaxed);
            return Ok(Accepted::Duplicate(ticket.clone()));
        }
        if state.open.len() >= inner.most {
            return Err(Full);
        }
        state.tickets += 1;
        let ticket = format!("{:x}-{}", inner.epoch, state.tickets);
        let job = make(&inner.id, ticket.clone());
        state.remember_key(key, ticket.clone());
        state.remember_turn(Turn::now(&job.message.conversation, false, &job.message.text));
        state.open.insert(ticket.clone(), inner.end.child_token());
        inner.counts.accepted.fetch_add(1, Relaxed);
        let conversation = job.message.conversation.clone();
        match state.conversations.get_mut(&conversation) {
            Some(waiting) => waiting.push_back(job),
            None => {
                state.conversations.insert(conversation.clone(), VecDeque::from([job]));
                let span = info_span!("agent.conversation", connector = %inner.id);
                tokio::spawn(inner.clone().work(conversation).instrument(span));
            }
        }
        Ok(Accepted::New(ticket))
    }

    /// Whether there was such an open ticket.
    pub fn abort(&self, ticket: &str) -> bool {
        self.inner.lock().open.get(ticket).inspect(|token| token.cancel()).is_some()
    }

    /// The newest turns, oldest first.
    pub fn history(&self, conversation: &str, limit: usize) -> Vec<Turn> {
        let state = self.inner.lock();
        let turns = state.history.iter().rev().filter(|turn| turn.conversation == conversation).take(limit);
        let mut turns: Vec<Turn> = turns.cloned().collect();
        turns.reverse();
        turns
    }

    pub fn gauge(&self) -> Gauge {
        let inner = Arc::downgrade(&self.inner);
        Arc::new(move || match inner.upgrade() {
            Some(inner) => {
                let (open, conversations) = {
                    let state = inner.lock();
                    (state.open.len(), state.conversations.len())
                };
                let read = |count: &AtomicU64| count.load(Relaxed);
                let Counts { accepted, duplicates, answered, failed } = &inner.counts;
                json!({
                    "open": open, "conversations": conversations, "accepted": read(accepted),
                    "duplicates": read(duplicates), "answered": read(answered), "failed": read(failed),
                })
            }
            None => serde_json::Value::Null,
        })
    }
}

impl Inner {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Works off one conversation; ends when nothing of it is left.
    async fn work(self: Arc<Self>, conversation: String) {
        while let Some(job) = self.next_of(&conversation) {
            let ticket = job.message.ticket.clone();
            let aborted = self.lock().open.get(&ticket).cloned().unwrap_or_default();
            let gone = self.run(job, aborted).await.is_err();
            self.lock().open.remove(&ticket);
            if gone || self.end.is_cancelled() {
                self.lock().conversations.remove(&conversation);
                return;
            }
        }
    }

    fn next_of(&self, conversation: &str) -> Option<Job> {
        let mut state = self.lock();
        let next = state.conversations.get_mut(conversation).and_then(VecDeque::pop_front);
        if next.is_none() {
            state.conversations.remove(conversation);
        }
        next
    }

    async fn run(&self, job: Job, aborted: CancellationToken) -> Result<(), Closed> {
        let Job { message, context, deadline } = job;
        let to = message.to.clone();
        let (ticket, conversation) = (message.ticket.clone(), message.conversation.clone());
        let mailbox = self.mailbox.clone();
        let mut line = Line { mailbox, sequence: 0, ticket, conversation, to, context, last: None };
        if aborted.is_cancelled() {
            return line.tell(Reply::Aborted).await;
        }
        if Instant::now() > deadline {
            return self.fails(line, FailureClass::Deadline, "no answer had begun in time".into()).await;
        }
        let mut say = Say::new(line);
        let answering = async {
            say.line_mut().tell(Reply::Started).await?;
            self.backend.answer(&message, &mut say).await
        };
        let answered = tokio::select! {
            answered = answering => Some(answered),
            () = aborted.cancelled() => None,
        };
        match answered {
            None => say.into_line().tell(Reply::Aborted).await,
            Some(Err(Failed::Gone)) => Err(Closed),
            Some(Err(Failed::Refused(why))) => self.fails(say.into_line(), FailureClass::Refused, why).await,
            Some(Err(Failed::Agent(why))) => self.fails(say.into_line(), FailureClass::Agent, why).await,
            Some(Ok(())) => {
                let Ok((mut line, whole)) = say.end().await else { return Err(Closed) };
                if aborted.is_cancelled() {
                    return line.tell(Reply::Aborted).await;
                }
                debug!(ticket = line.ticket, bytes = whole.len(), "answered");
                self.counts.answered.fetch_add(1, Relaxed);
                self.lock().remember_turn(Turn::now(&line.conversation, true, &whole));
                line.tell(Reply::Final(whole)).await
            }
        }
    }

    async fn fails(&self, mut line: Line, class: FailureClass, message: String) -> Result<(), Closed> {
        warn!(ticket = line.ticket, ?class, "no answer");
        self.counts.failed.fetch_add(1, Relaxed);
        line.tell(Reply::Failed(Failure { class, message })).await
    }
}

impl State {
    fn remember_key(&mut self, key: String, ticket: String) {
        if self.key_order.len() >= KEYS
            && let Some(oldest) = self.key_order.pop_front()
        {
            self.keys.remove(&oldest);
        }
        self.key_order.push_back(key.clone());
        self.keys.insert(key, ticket);
    }

    fn remember_turn(&mut self, turn: Turn) {
        self.history_bytes += turn.cost();
        self.history.push_back(turn);
        while self.history_bytes > HISTORY_BYTES {
            let Some(oldest) = self.history.pop_front() else { break };
            self.history_bytes -= oldest.cost();
        }
    }
}

impl Turn {
    fn now(conversation: &str, from_agent: bool, text: &str) -> Self {
        let at_ms = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64);
        Self { conversation: conversation.into(), from_agent, text: text.into(), at_ms }
    }

    fn cost(&self) -> usize {
        size_of::<Self>() + self.conversation.len() + self.text.len()
    }
}

/// The replies of one ticket, each after the one before was answered.
pub struct Line {
    mailbox: Mailbox<Event>,
    sequence: u64,
    pub ticket: String,
    conversation: String,
    to: String,
    context: Vec<u8>,
    /// The last reply while it is not answered: who told it may be dropped meanwhile, by an abort.
    last: Option<BoxFuture<'static, Result<Settled, Closed>>>,
}

impl Line {
    pub async fn delta(&mut self, piece: &str) -> Result<(), Closed> {
        self.tell(Reply::Delta(Delta::Append(piece.into()))).await
    }

    pub async fn block(&mut self, text: &str) -> Result<(), Closed> {
        self.tell(Reply::Block(text.into())).await
    }

    /// A reply that the connector rejects is lost to it, and said so by the engine; the next still comes.
    pub async fn tell(&mut self, reply: Reply) -> Result<(), Closed> {
        let bytes = match &reply {
            Reply::Delta(Delta::Append(text) | Delta::Replace(text))
            | Reply::Block(text)
            | Reply::Final(text) => text.len(),
            _ => 0,
        };
        let reply = Arc::new(ReplyEvent {
            ticket: self.ticket.clone(),
            conversation: self.conversation.clone(),
            to: self.to.clone(),
            context: self.context.clone(),
            reply,
        });
        let bytes = bytes + reply.context.len();
        let event = Event::Reply { sequence: self.sequence, reply };
        self.sequence += 1;
        self.answered().await?;
        let mailbox = self.mailbox.clone();
        self.last = Some(async move { mailbox.deliver(event, bytes).await }.boxed());
        self.answered().await
    }

    async fn answered(&mut self) -> Result<(), Closed> {
        let answered = match &mut self.last {
            Some(last) => last.await.map(drop),
            None => Ok(()),
        };
        self.last = None;
        answered
    }
}

#[cfg(test)]
mod tests;
