//! What must outlive the process: accepted messages, what is to be told to connectors about them, and what could not be
//! delivered. Batches go in; the state is rebuilt in memory from [`Journal::open`].
use crate::identity::InstanceId;
use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A key of an accepted message stays known for so long after the message was closed.
pub const KEYS_KEPT: Duration = Duration::from_secs(7 * 24 * 3600);

/// Newest entries of a [`Past`] that are kept; older ones are counted in `attempts` only.
pub const SETBACKS_KEPT: usize = 20;

/// Tells when a batch is on disk. Dropping it drops nothing: the batch is written all the same.
pub type Durable = BoxFuture<'static, Result<Outcome, Error>>;
pub type Read<T> = BoxFuture<'static, Result<T, Error>>;

pub trait Journal: Send + Sync + 'static {
    /// Puts the batch into the writer's queue *within this call*, so batches take effect in the order of the calls, each
    /// whole or not at all. The future resolves when the batch has been synced to disk (it survives power loss), or
    /// when nothing of it was written.
    fn append(&self, batch: Batch) -> Durable;

    /// What one instance has open. Sees every batch appended before the call.
    fn open(&self, instance: &InstanceId) -> Read<Open>;

    /// The newest `limit` turns of a conversation, oldest first.
    fn turns(&self, instance: &InstanceId, conversation: &str, limit: usize) -> Read<Vec<Turn>>;

    /// Dead letters, oldest first, at most `limit`; those of one instance, or of all.
    fn dead(&self, instance: Option<&InstanceId>, limit: usize) -> Read<Vec<DeadLetter>>;

    fn dead_letter(&self, id: i64) -> Read<Option<DeadLetter>>;
}

/// What is written together.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    pub records: Vec<Record>,
    /// Must not fail for want of room or by a passing fault of the disk: it stays first in the queue and is tried again
    /// until it is written, or until the process ends. For what is true already and would be forgotten otherwise.
    pub must: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    /// A message was accepted. When its key is known already nothing of the batch is written, and the outcome is
    /// [`Outcome::Known`].
    Accepted(Message),
    /// The message is dealt with: only its key stays, for [`KEYS_KEPT`]. Letters of the ticket that are still there go too.
    Closed { ticket: String, at_ms: u64 },
    /// Something is to be told to the connector.
    Letter(Letter),
    /// A delivery of this letter failed; replaces its past. No such letter: nothing happens.
    Setback { letter: LetterId, past: Past },
    /// The connector answered for the letter (or it was set aside): it is gone. No such letter: nothing happens.
    Settled(LetterId),
    /// Something was said in a conversation.
    Turn(Turn),
    /// Set aside for the operator. Its `id` is given by the journal and ignored here.
    Dead(DeadLetter),
    /// A dead letter was tried again in vain; replaces its reason and past. No such one: nothing happens.
    DeadAgain { id: i64, reason: String, past: Past },
    /// A dead letter was delivered after all, or dropped. No such one: nothing happens.
    DeadGone { id: i64 },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Written,
    /// The key of the batch's message was seen before; nothing was written.
    Known {
        ticket: String,
    },
}

/// A message for the agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub instance: InstanceId,
    /// Unique in the whole journal.
    pub ticket: String,
    /// Unique in the instance.
    pub key: String,
    pub accepted_ms: u64,
    /// Wall clock: give up when no answer has begun.
    pub deadline_ms: u64,
    /// The rest, in the room's own shape.
    pub body: Vec<u8>,
}

/// `source` is a ticket, or the id of a message that the agent sends by itself; `number` counts what is to be told about
/// it, from 0.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LetterId {
    pub source: String,
    pub number: u32,
}

/// Something to be told to a connector until it answers for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    pub id: LetterId,
    pub instance: InstanceId,
    pub since_ms: u64,
    pub body: Vec<u8>,
    pub past: Past,
}

/// What became of the deliveries so far.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Past {
    /// Deliveries that failed.
    pub attempts: u32,
    /// Deliveries that ended the instance.
    pub deaths: u32,
    /// The newest [`SETBACKS_KEPT`], oldest first.
    pub setbacks: Vec<Setback>,
    /// It was set aside and is not delivered any more; it is still there because others build on it.
    #[serde(default)]
    pub set_aside: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setback {
    pub at_ms: u64,
    /// What happened, for the operator; no text of people, no secret.
    pub what: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    pub instance: InstanceId,
    pub conversation: String,
    /// Of the agent; otherwise of people.
    pub from_agent: bool,
    pub text: String,
    pub at_ms: u64,
}

/// What could not be delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// Increasing, never reused.
    pub id: i64,
    pub instance: InstanceId,
    /// The room that can deliver it again.
    pub room: String,
    /// What it is, in one line for the operator: no text of people, no secret.
    pub about: String,
    pub reason: String,
    pub at_ms: u64,
    pub past: Past,
    /// In the room's own shape.
    pub body: Vec<u8>,
}

/// What an instance has open.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Open {
    /// In the order in which they were accepted.
    pub messages: Vec<Message>,
    /// By source in the order of their first letter, then by number.
    pub letters: Vec<Letter>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Gone when there is room again.
    #[error("the disk is full")]
    Full,
    #[error("the journal cannot be written or read: {0}")]
    Unavailable(String),
    #[error("the process ends")]
    Closed,
}

impl Batch {
    /// May fail.
    pub fn of(records: Vec<Record>) -> Self {
        Self { records, must: false }
    }

    /// Is tried until it is written.
    pub fn must(records: Vec<Record>) -> Self {
        Self { records, must: true }
    }
}

impl Past {
    /// One more failed delivery.
    pub fn fails(&mut self, at_ms: u64, what: impl Into<String>) {
        self.attempts += 1;
        if self.setbacks.len() >= SETBACKS_KEPT {
            self.setbacks.remove(0);
        }
        self.setbacks.push(Setback { at_ms, what: what.into() });
    }
}
