//! What stands behind `dispatch`.
use crate::identity::InstanceId;
use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// An agent, as the room sees it.
pub trait Backend: Send + Sync + 'static {
    /// For people, such as `echo`.
    fn name(&self) -> &'static str;

    /// Answers one message: says pieces of the answer as they come, and returns when it is whole. The room has told the
    /// connector that the work began, and tells it how it ended. Dropped when the message is aborted.
    ///
    /// # Errors
    /// [`Failed`]. After [`Failed::Unavailable`] the same question is asked again, with what was said by then.
    fn answer<'a>(
        &'a self,
        question: Question<'a>,
        say: &'a mut dyn Say,
    ) -> BoxFuture<'a, Result<(), Failed>>;

    /// Nobody waits for the answer to this message any more: it was aborted, or its time is over. Whatever still works on it
    /// at the far end may end. A message whose instance or process ends is none of these: it is asked for again.
    fn abort<'a>(&'a self, message: &'a Message) -> BoxFuture<'a, ()> {
        let _ = message;
        Box::pin(std::future::ready(()))
    }

    /// What the operator should know of the way to the agent, for `runtime status`: `null`, or an object with a `state`
    /// for people, and more for programs.
    fn state(&self) -> serde_json::Value {
        serde_json::Value::Null
    }

    /// The newest turns of a conversation, at most so many, oldest first, as the agent remembers it by itself. `None`: it
    /// does not, and what was answered here is what there is.
    fn history<'a>(
        &'a self,
        id: &'a InstanceId,
        conversation: &'a str,
        limit: usize,
    ) -> Option<BoxFuture<'a, Result<Vec<DatedTurn>, String>>> {
        let _ = (id, conversation, limit);
        None
    }

    /// Turns of the conversation that it wants to see with each message.
    fn memory_turns(&self) -> usize {
        0
    }
}

/// Where a backend says its answer.
pub trait Say: Send {
    /// The next piece of the text. Waits until what it completed is durable and the connector took it.
    fn append<'a>(&'a mut self, piece: &'a str) -> BoxFuture<'a, Result<(), Gone>>;

    /// The whole answer so far is this, and not what was said: an agent that began again, or an answer that is found whole.
    /// What is posted of it stays so: where the new text does not begin with that, it comes behind it as a paragraph of its
    /// own.
    fn replace<'a>(&'a mut self, whole: &'a str) -> BoxFuture<'a, Result<(), Gone>>;
}

/// One accepted message, and where its answer stands.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    pub message: &'a Message,
    /// Earlier turns of the conversation, oldest first, without this message; at most what the backend wanted.
    pub memory: &'a [Turn],
    /// The beginning of the answer that was posted before the work was interrupted, by a failure of the agent or of this
    /// process. What is said now comes after it. Empty at first.
    pub said: &'a str,
    /// Whether the agent may have been given this message before: by an attempt that ended as not available, or by an
    /// earlier process. Who can find out looks before it is given a second time.
    pub repeated: bool,
}

/// All of it is untrusted text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    pub instance: InstanceId,
    pub ticket: String,
    pub conversation: String,
    pub sender_id: String,
    pub sender_label: String,
    /// Only by the operator's grant.
    pub sender_is_owner: bool,
    /// Where it was said, as the platform names it.
    pub to: String,
    pub in_group: bool,
    pub sent_at_ms: u64,
    pub meta: Vec<(String, String)>,
    pub text: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    pub from_agent: bool,
    pub text: String,
}

/// A turn, and when it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatedTurn {
    pub turn: Turn,
    /// 0 where that is not known.
    pub at_ms: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failed {
    /// Will not work for this message.
    #[error("the agent refused the message: {0}")]
    Refused(String),
    /// The agent's side failed in a way that a repeat does not mend.
    #[error("{0}")]
    Agent(String),
    /// The agent cannot be reached, is overloaded or broke off: asked again until the message's deadline.
    #[error("the agent is not available: {why}")]
    Unavailable {
        why: String,
        /// As it asked for.
        retry_after: Option<Duration>,
    },
    /// Nobody is there any more to be told.
    #[error("the connector has ended")]
    Gone,
}

/// The connector's instance has ended for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the connector has ended")]
pub struct Gone;

impl From<Gone> for Failed {
    fn from(_: Gone) -> Self {
        Self::Gone
    }
}
