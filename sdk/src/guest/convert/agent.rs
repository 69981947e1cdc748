use crate::agent::{
    Accepted, Chat, Delta, Error, Failure, FailureClass, Inbound, Outbound, OutboundError, Receipt, Reply,
    ReplyEvent, Sender, Ticket, Trust, Turn,
};
use crate::guest::bindings::agent::connector::runtime::agent as wit;
use crate::guest::bindings::agent::exports::connector::runtime::agent_handler as wit_handler;
use crate::types::millis;

impl From<Inbound> for wit::Inbound {
    fn from(inbound: Inbound) -> Self {
        Self {
            key: inbound.key,
            conversation: inbound.conversation,
            sender: inbound.sender.into(),
            to: inbound.to,
            chat: match inbound.chat {
                Chat::Direct => wit::Chat::Direct,
                Chat::Group => wit::Chat::Group,
            },
            text: inbound.text,
            sent_at_ms: inbound.sent_at_ms,
            context: inbound.context,
            deadline_ms: inbound.deadline.map(millis),
            progress: inbound.progress,
            meta: inbound.meta,
        }
    }
}

impl From<Sender> for wit::Sender {
    fn from(sender: Sender) -> Self {
        let trust = match sender.trust {
            Trust::User => wit::Trust::User,
            Trust::Owner => wit::Trust::Owner,
        };
        Self { id: sender.id, label: sender.label, trust }
    }
}

impl From<wit::Accepted> for Accepted {
    fn from(accepted: wit::Accepted) -> Self {
        match accepted {
            wit::Accepted::New(ticket) => Self::New(Ticket(ticket)),
            wit::Accepted::Duplicate(ticket) => Self::Duplicate(Ticket(ticket)),
        }
    }
}

impl From<wit::Turn> for Turn {
    fn from(turn: wit::Turn) -> Self {
        Self { from_agent: turn.from_agent, text: turn.text, at_ms: turn.at_ms }
    }
}

impl From<wit::Error> for Error {
    fn from(error: wit::Error) -> Self {
        match error {
            wit::Error::Denied(what) => Self::Denied(what),
            wit::Error::Invalid(what) => Self::Invalid(what),
            wit::Error::Quota => Self::Quota,
            wit::Error::UnknownTicket => Self::UnknownTicket,
            wit::Error::NoHandler => Self::NoHandler,
            wit::Error::Unavailable(why) => Self::Unavailable(why),
            wit::Error::Timeout => Self::Timeout,
        }
    }
}

impl From<wit_handler::ReplyEvent> for ReplyEvent {
    fn from(event: wit_handler::ReplyEvent) -> Self {
        Self {
            ticket: Ticket(event.ticket),
            conversation: event.conversation,
            to: event.to,
            context: event.context,
            reply: event.reply.into(),
        }
    }
}

impl From<wit_handler::Reply> for Reply {
    fn from(reply: wit_handler::Reply) -> Self {
        use wit_handler::{Delta as WitDelta, Reply as Wit};
        match reply {
            Wit::Started => Self::Started,
            Wit::Delta(WitDelta::Append(text)) => Self::Delta(Delta::Append(text)),
            Wit::Delta(WitDelta::Replace(text)) => Self::Delta(Delta::Replace(text)),
            Wit::Block(text) => Self::Block(text),
            Wit::Final(text) => Self::Final(text),
            Wit::Failed(failure) => Self::Failed(failure.into()),
            Wit::Aborted => Self::Aborted,
        }
    }
}

impl From<wit_handler::Failure> for Failure {
    fn from(failure: wit_handler::Failure) -> Self {
        use wit_handler::FailureClass as Wit;
        let class = match failure.class {
            Wit::Refused => FailureClass::Refused,
            Wit::Deadline => FailureClass::Deadline,
            Wit::Agent => FailureClass::Agent,
            Wit::Runtime => FailureClass::Runtime,
        };
        Self { class, message: failure.message }
    }
}

impl From<wit_handler::Outbound> for Outbound {
    fn from(message: wit_handler::Outbound) -> Self {
        Self { id: message.id, to: message.to, text: message.text }
    }
}

impl From<Receipt> for wit_handler::Receipt {
    fn from(receipt: Receipt) -> Self {
        Self { message_id: receipt.message_id }
    }
}

impl From<OutboundError> for wit_handler::OutboundError {
    fn from(error: OutboundError) -> Self {
        match error {
            OutboundError::Retry(after) => Self::Retry(millis(after)),
            OutboundError::Reject(why) => Self::Reject(why),
        }
    }
}
