//! From the platform to the agent.

use crate::context::Context;
use crate::memory::Guard;
use crate::parse::{Frame, Message, Sender};
use crate::{Occum, connection, format, parse, retry};
use sdk::agent::{self, Accepted, Chat, Inbound, Trust};
use sdk::{Disposition, Event, log, websocket};

impl Occum {
    pub(crate) async fn heard(&self, event: Event, frame: websocket::Frame) -> Disposition {
        let websocket::Frame::Text(text) = frame else { return Disposition::Done };
        match parse::frame(&text) {
            Some(Frame::Message(message)) => self.message(event, message).await,
            Some(Frame::AuthOk { agent_id, channels }) => self.logged_in(agent_id, channels),
            Some(Frame::AuthError { message }) => connection::refused(&message),
            Some(Frame::Error { message }) => {
                log::warn!("the platform reports an error", answer = format::cut(&message, 200));
                Disposition::Done
            }
            None => Disposition::Done,
        }
    }

    async fn message(&self, event: Event, message: Message) -> Disposition {
        if let Sender::Agent(sender) = &message.sender {
            match self.is_own(sender, event.attempt).await {
                Ok(true) => return Disposition::Done,
                Ok(false) => {}
                Err(answer) => return answer,
            }
        }
        // A repeat was seen before: it goes on, and the host knows whether the agent has it already.
        if !self.memory.with(|memory| memory.see(&message.id)) && event.attempt == 1 {
            return Disposition::Done;
        }
        if event.attempt == 1 && !self.may_go_on(&message) {
            return Disposition::Done;
        }
        self.hand_over(event, message).await
    }

    /// Whether we wrote it. Who we are comes with every login; only an instance that woke up on an open socket, by a
    /// message of an agent, has to ask.
    async fn is_own(&self, sender: &str, attempt: u32) -> Result<bool, Disposition> {
        let own = |occum: &Self| occum.memory.with(|memory| memory.agent_id().map(|id| id == sender));
        if let Some(own) = own(self) {
            return Ok(own);
        }
        if let Err(error) = self.identify().await {
            log::warn!("could not find out who we are: {error}");
        }
        own(self).ok_or_else(|| match retry::delay(attempt) {
            Some(delay) => Disposition::Retry(delay),
            None => Disposition::Reject("our agent id is unknown: this may be our own message".into()),
        })
    }

    /// The guard against agents that answer each other for ever.
    fn may_go_on(&self, message: &Message) -> bool {
        let guard = self.memory.with(|memory| match message.sender {
            Sender::User(_) => {
                memory.user_spoke(&message.channel);
                Guard::Handle
            }
            Sender::Agent(_) => memory.agent_spoke(&message.channel),
        });
        if guard == (Guard::Stop { first: true }) {
            log::warn!(
                "agents among themselves: not answering until a user speaks",
                channel = message.channel
            );
        }
        guard == Guard::Handle
    }

    async fn hand_over(&self, event: Event, message: Message) -> Disposition {
        let session = format::session(&self.instance, &message.id);
        let context =
            Context { channel: message.channel.clone(), event: message.id.clone(), session: session.clone() };
        let (id, channel) = (message.id.clone(), message.channel.clone());
        // NB: before any other await, so that the agent gets messages in the platform's order.
        match agent::dispatch(self.inbound(message, &context)).await {
            Ok(Accepted::New(ticket)) => {
                log::debug!("dispatched", event = id, channel = channel, ticket = ticket)
            }
            // Another handler has begun its session, unless this is the repeat of one that died.
            Ok(Accepted::Duplicate(_)) if event.attempt == 1 => return Disposition::Done,
            Ok(Accepted::Duplicate(_)) => {}
            Err(error) => {
                self.memory.with(|memory| memory.forget(&id));
                return not_accepted(&error, event.attempt);
            }
        }
        if let Err(error) = self.api.work(&channel, &session).await {
            log::warn!("could not begin the work session: {error}", event = id, channel = channel);
        }
        Disposition::Done
    }

    fn inbound(&self, message: Message, context: &Context) -> Inbound {
        Inbound {
            conversation: format::conversation(&self.instance, &message.channel),
            sender: agent::Sender {
                id: format::sender_id(&message.sender),
                label: format::sender_label(&message.sender),
                trust: Trust::User,
            },
            key: message.id,
            to: message.channel.into(),
            chat: Chat::Direct,
            text: message.text,
            sent_at_ms: message.sent_at_ms,
            context: context.bytes(),
            deadline: None,
            meta: vec![("provider".into(), "occum".into())],
        }
    }
}

fn not_accepted(error: &agent::Error, attempt: u32) -> Disposition {
    let passing = matches!(error, agent::Error::Quota | agent::Error::Unavailable(_) | agent::Error::Timeout);
    match retry::delay(attempt).filter(|_| passing) {
        Some(delay) => {
            log::warn!("the agent does not take it now: {error}", attempt = attempt);
            Disposition::Retry(delay)
        }
        None => {
            log::error!("the agent does not take it: {error}", attempt = attempt);
            Disposition::Reject(format!("dispatch: {error}"))
        }
    }
}
