//! The way to the agent. Which agent it is, and how it is reached, is the operator's configuration.

use crate::{Disposition, Event, calls};
use serde::de::DeserializeOwned;
use std::fmt;
use std::time::Duration;

/// Receives what the agent answers, and what it says by itself.
#[expect(async_fn_in_trait, reason = "a guest has one thread: no future of it has to be Send")]
pub trait Handler: crate::Connector {
    /// What happened to a message; see [`Reply`]. The next of a ticket is delivered when the last was answered `Done`
    /// or `Reject`.
    async fn on_reply(&self, event: Event, reply: ReplyEvent) -> Disposition;

    /// A message that the agent sends by itself.
    async fn on_outbound(&self, event: Event, message: Outbound) -> Result<Receipt, OutboundError> {
        let _ = (event, message);
        Err(OutboundError::Reject("this connector only answers".into()))
    }
}

/// One message for the agent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inbound {
    /// Makes the message unique: the same key of this instance again is a duplicate. Best the platform's own id. At
    /// most 256 bytes.
    pub key: String,
    /// Messages of one conversation are answered one after the other, in the order of the calls; conversations side by
    /// side. At most 256 bytes.
    pub conversation: String,
    pub sender: Sender,
    /// Where it was said, as the platform names it, such as a channel id. At most 256 bytes.
    pub to: String,
    pub chat: Chat,
    /// What was said. Never read as commands. At most 256 KiB.
    pub text: String,
    /// Milliseconds since the Unix epoch, by the platform.
    pub sent_at_ms: u64,
    /// Comes back with every reply. Put here what the reply needs, not into the instance's memory. At most 4 KiB.
    pub context: Vec<u8>,
    /// Give up when no answer has begun for so long. None: 10 min. 1 s to 24 h.
    pub deadline: Option<Duration>,
    /// Whether `Started` and deltas are to be told, for platforms that show typing. Otherwise nothing wakes the connector
    /// before there is something to post.
    pub progress: bool,
    /// Further pairs for the agent's side. At most 16, 1 KiB each.
    pub meta: Vec<(String, String)>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sender {
    /// Unique on the platform, such as `user:42`. At most 256 bytes.
    pub id: String,
    /// For people; at most 256 bytes.
    pub label: String,
    pub trust: Trust,
}

/// How far the sender is trusted. `Owner` needs a grant; without it `Denied`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Trust {
    #[default]
    User,
    Owner,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Chat {
    #[default]
    Direct,
    Group,
}

/// Names an accepted message.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub String);

impl fmt::Display for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Accepted {
    New(Ticket),
    /// The key was seen before; nothing was added.
    Duplicate(Ticket),
}

impl Accepted {
    pub fn ticket(&self) -> &Ticket {
        match self {
            Self::New(ticket) | Self::Duplicate(ticket) => ticket,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No agent is granted, or not this trust.
    #[error("not granted: {0}")]
    Denied(String),
    /// The field named is wrong: how.
    #[error("invalid {0}")]
    Invalid(String),
    /// Too many messages of this instance are not answered yet (the operator's `dispatches`, 256 by default), or too many
    /// came within a minute (`dispatches_per_minute`, 6,000 by default, duplicates included). Nothing was accepted:
    /// answer `Retry`.
    #[error("too many unanswered messages")]
    Quota,
    /// No ticket of this name is open.
    #[error("no such ticket is open")]
    UnknownTicket,
    /// `agent` is not named in `connector!`.
    #[error("the connector has no handler for the agent")]
    NoHandler,
    /// It cannot be kept now, such as for a full disk. Nothing was accepted: answer `Retry`.
    #[error("unavailable: {0}")]
    Unavailable(String),
    /// The handler that waits is out of time: return. The message may have been accepted; the same key again tells.
    #[error("out of time")]
    Timeout,
}

/// One line of a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// Of the agent; otherwise of people.
    pub from_agent: bool,
    pub text: String,
    pub at_ms: u64,
}

/// What happened to a message, and what the connector needs to know to act on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplyEvent {
    pub ticket: Ticket,
    pub conversation: String,
    /// The `to` of the message.
    pub to: String,
    /// The `context` of the message.
    pub context: Vec<u8>,
    pub reply: Reply,
}

impl ReplyEvent {
    /// The context, if it was written as JSON.
    ///
    /// # Errors
    /// It is not JSON of this shape.
    pub fn context_json<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_slice(&self.context)
    }
}

/// Per ticket in this order: `Started`, then deltas and blocks, then exactly one of `Final`, `Failed`, `Aborted`.
///
/// Blocks and endings outlive the process. After a crash one that may have been delivered before comes with its old
/// [`Event::sequence`] and an [`Event::attempt`] above 1: look before you post it again. `Started` may come once more then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Only where `progress` was asked for. A message that is out of time before its turn fails without it.
    Started,
    /// Not yet for posting; for platforms that show typing, and only where `progress` was asked for. Never repeated after a
    /// restart.
    Delta(Delta),
    /// To be posted. All blocks of a ticket together are what is to be posted.
    Block(String),
    /// The whole answer. Everything in it was in a block: posts nothing new.
    Final(String),
    Failed(Failure),
    Aborted,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delta {
    Append(String),
    Replace(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub class: FailureClass,
    /// For people; at most 1 KiB.
    pub message: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureClass {
    /// The agent's side refused the message as such.
    Refused,
    /// The deadline passed before an answer had begun, or the agent was not available for so long.
    Deadline,
    /// The agent's side failed.
    Agent,
    /// The runtime was stopped before an answer came, or could not keep the message.
    Runtime,
}

/// A message that the agent sends by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outbound {
    /// Unique; a repeat has the same.
    pub id: String,
    pub to: String,
    pub text: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Receipt {
    /// The platform's name for the message, if it gives one.
    pub message_id: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OutboundError {
    /// Try again after this time.
    Retry(Duration),
    /// Will not work: why.
    Reject(String),
}

/// Hands a message to the agent. When it returns ok the message is on disk: the host answers for it, over restarts of
/// instance and process.
///
/// The order of the calls is the order of the messages, so await it before anything else in the handler. A key stays known
/// for 7 days after its message ended.
///
/// # Errors
/// `Denied`, `Invalid`, `NoHandler`; `Quota` and `Unavailable` (answer `Retry`); `Timeout`.
pub async fn dispatch(inbound: Inbound) -> Result<Accepted, Error> {
    calls::dispatch(inbound).await
}

/// Ends the work on a message; the ticket ends with `Aborted`, unless it has ended already.
///
/// # Errors
/// `UnknownTicket`, `Unavailable`, `Timeout`.
pub async fn abort(ticket: &Ticket) -> Result<(), Error> {
    calls::abort(ticket.clone()).await
}

/// The newest `limit` (1 to 100) turns of a conversation as the agent's side remembers it, oldest first.
///
/// # Errors
/// `Denied`, `Invalid`, `Unavailable`, `Timeout`.
pub async fn history(conversation: &str, limit: u32) -> Result<Vec<Turn>, Error> {
    calls::history(conversation.to_owned(), limit).await
}
