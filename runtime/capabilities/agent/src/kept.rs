//! What the room writes into the journal, in its own shape.
use crate::bindings::exports::connector::runtime::agent_handler::{
    Failure, FailureClass, Outbound, Reply, ReplyEvent,
};
use crate::blocks;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ports::agent::Message;
use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The body of a message in the journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeptMessage {
    pub message: Message,
    pub context: Context,
    /// Whether the connector wants to hear how the answer comes along.
    #[serde(default)]
    pub progress: bool,
}

/// The body of a letter in the journal, and of what is set aside.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Kept {
    Reply(Told),
    Outbound {
        id: String,
        to: String,
        text: String,
    },
    /// Only set aside: the agent did not answer it.
    Message {
        key: String,
        patience_ms: u64,
        kept: KeptMessage,
    },
}

/// A reply that outlives the process.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Told {
    pub ticket: String,
    pub sequence: u64,
    pub conversation: String,
    pub to: String,
    pub context: Context,
    /// Replies of the ticket below this number were answered when this one was written.
    pub answered: u32,
    pub said: Said,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Said {
    /// The piece of the answer from which the block was cut: all pieces together are the answer as it was said.
    Block(String),
    Final(String),
    Failed(Class, String),
    Aborted,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    Refused,
    Deadline,
    Agent,
    Runtime,
}

/// Bytes of the connector.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Context(pub Vec<u8>);

impl Said {
    pub fn ends(&self) -> bool {
        !matches!(self, Self::Block(_))
    }

    /// What it holds, for the mailbox.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Block(text) | Self::Final(text) | Self::Failed(_, text) => text.len(),
            Self::Aborted => 0,
        }
    }
}

impl From<&Told> for ReplyEvent {
    fn from(told: &Told) -> Self {
        Self {
            ticket: told.ticket.clone(),
            conversation: told.conversation.clone(),
            to: told.to.clone(),
            context: told.context.0.clone(),
            reply: match &told.said {
                Said::Block(raw) => Reply::Block(blocks::text(raw).to_owned()),
                Said::Final(text) => Reply::Final(text.clone()),
                Said::Failed(class, message) => {
                    Reply::Failed(Failure { class: (*class).into(), message: message.clone() })
                }
                Said::Aborted => Reply::Aborted,
            },
        }
    }
}

impl From<Class> for FailureClass {
    fn from(class: Class) -> Self {
        match class {
            Class::Refused => Self::Refused,
            Class::Deadline => Self::Deadline,
            Class::Agent => Self::Agent,
            Class::Runtime => Self::Runtime,
        }
    }
}

impl Kept {
    pub fn outbound(message: &Outbound) -> Self {
        let Outbound { id, to, text } = message.clone();
        Self::Outbound { id, to, text }
    }
}

/// [`Kept::Reply`], of a reply that is still needed.
pub fn write_reply(told: &Told) -> Vec<u8> {
    #[derive(Serialize)]
    #[serde(tag = "kind", rename_all = "kebab-case")]
    enum Writing<'a> {
        Reply(&'a Told),
    }
    write(&Writing::Reply(told))
}

pub fn write(shape: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(shape).expect("these shapes have text keys only and always become JSON")
}

/// `None` for what a newer version wrote, or for a damaged row.
pub fn read<T: DeserializeOwned>(body: &[u8]) -> Option<T> {
    serde_json::from_slice(body).ok()
}

impl Serialize for Context {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Context {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        STANDARD.decode(text).map(Self).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_is_read_as_it_was_written() {
        for said in [Said::Block("a\n\n".into()), Said::Failed(Class::Deadline, "late".into()), Said::Aborted]
        {
            let told = Told {
                ticket: "t".into(),
                sequence: 1 << 32,
                conversation: "c".into(),
                to: "x".into(),
                context: Context(vec![0, 255]),
                answered: 0,
                said,
            };
            let kept = Kept::Reply(told);
            assert_eq!(read::<Kept>(&write(&kept)).as_ref(), Some(&kept));
            let Kept::Reply(told) = &kept else { panic!() };
            assert_eq!(write_reply(told), write(&kept));
        }
        assert_eq!(read::<Kept>(b"{\"kind\":\"something-newer\"}"), None);
    }
}
