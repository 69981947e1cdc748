//! From the platform to the agent: what the socket brings, and what is done about one event.

use crate::context::Context;
use crate::join::both;
use crate::lanes::Arrival;
use crate::memory::{Guard, Memory};
use crate::parse::{Event, Frame, Message, Sender, What};
use crate::{Occum, connection, format, parse, retry};
use sdk::agent::{self, Accepted, Chat, Inbound, Trust};
use sdk::{Disposition, log, timers, websocket};

/// Whether an event is for the agent.
#[derive(Debug, PartialEq)]
pub(crate) enum Vetted {
    Yes,
    No,
    /// It may be our own: who we are is not known.
    WhoAmI,
}

/// What became of a message for the agent.
pub(crate) enum Handed {
    /// Its work session is to be begun.
    New(Context),
    /// It had it already.
    Known,
    Later(agent::Error),
    Refused(agent::Error),
}

impl Occum {
    pub(crate) async fn heard(&self, frame: websocket::Frame) -> Disposition {
        let websocket::Frame::Text(text) = frame else { return Disposition::Done };
        match parse::frame(&text) {
            Some(Frame::Event(event)) => self.happened(event).await,
            Some(Frame::AuthOk { agent_id, channels }) => self.logged_in(agent_id, channels).await,
            Some(Frame::AuthError { message }) => connection::refused(&message),
            Some(Frame::Error { message }) => {
                log::warn!("the platform reports an error", answer = format::cut(&message, 200));
                Disposition::Done
            }
            None => Disposition::Done,
        }
    }

    /// Done is always the answer to what waits: after a death it is found behind the cursor.
    async fn happened(&self, event: Event) -> Disposition {
        // What was seen is accepted, or somebody is at it.
        if self.memory.with(|memory| memory.has_seen(&event.id)) {
            return Disposition::Done;
        }
        match self.lanes.with(|lanes| lanes.arrives(event, timers::monotonic())) {
            Arrival::Live(event) => self.live(event).await,
            Arrival::Waits => {
                self.arm();
                Disposition::Done
            }
        }
    }

    async fn live(&self, event: Event) -> Disposition {
        match (self.vet(&event), &event.what) {
            (Vetted::Yes, What::Message(message)) => {
                // NB: before any other await, so that the agent gets messages in the platform's order.
                match self.hand_over(&event, message.clone()).await {
                    Handed::New(context) => {
                        self.lanes.with(|lanes| lanes.accepts(&event.channel, &event.id, true));
                        both(self.begin(&context), self.save()).await;
                    }
                    Handed::Known => {
                        self.lanes.with(|lanes| lanes.accepts(&event.channel, &event.id, true));
                        self.save().await;
                    }
                    Handed::Later(_) => self.falls_behind(event, true),
                    Handed::Refused(error) => {
                        self.lanes.with(|lanes| lanes.accepts(&event.channel, &event.id, true));
                        self.save().await;
                        return Disposition::Reject(format!("dispatch: {error}"));
                    }
                }
            }
            (Vetted::WhoAmI, _) => self.falls_behind(event, false),
            _ => {
                self.lanes.with(|lanes| lanes.accepts(&event.channel, &event.id, false));
                self.save().await;
            }
        }
        Disposition::Done
    }

    /// Not now: the channel's events are taken from its history, in order, from this one on.
    fn falls_behind(&self, event: Event, vetted: bool) {
        let delay = if vetted { retry::wait(None, 1) } else { std::time::Duration::ZERO };
        self.lanes.with(|lanes| {
            let due = timers::monotonic() + delay;
            let lane = lanes.add(event.channel.clone(), due);
            lane.falls_behind(due);
            lane.puts_back(event, vetted);
        });
        self.arm();
    }

    /// Whether an event is for the agent; asked once of each, because the guard counts.
    pub(crate) fn vet(&self, event: &Event) -> Vetted {
        let What::Message(message) = &event.what else { return Vetted::No };
        let vetted = self.memory.with(|memory| vet(memory, event, message));
        if vetted == (Vetted::No, true) {
            log::warn!("agents among themselves: not answering until a user speaks", channel = event.channel);
        }
        vetted.0
    }

    pub(crate) async fn hand_over(&self, event: &Event, message: Message) -> Handed {
        let session = format::session(&self.instance, &event.id);
        self.memory.with(|memory| memory.session_begins(&session));
        let context = Context { channel: event.channel.clone(), event: event.id.clone(), session };
        let handed = match agent::dispatch(self.inbound(event, message, &context)).await {
            Ok(Accepted::New(ticket)) => {
                log::debug!("dispatched", event = event.id, channel = event.channel, ticket = ticket);
                return Handed::New(context);
            }
            Ok(Accepted::Duplicate(_)) => Handed::Known,
            Err(error @ (agent::Error::Quota | agent::Error::Unavailable(_) | agent::Error::Timeout)) => {
                log::warn!(
                    "the agent does not take it now: {error}",
                    event = event.id,
                    channel = event.channel
                );
                Handed::Later(error)
            }
            Err(error) => {
                log::error!("the agent does not take it: {error}", event = event.id, channel = event.channel);
                Handed::Refused(error)
            }
        };
        self.memory.with(|memory| memory.session_begun(&context.session));
        handed
    }

    fn inbound(&self, event: &Event, message: Message, context: &Context) -> Inbound {
        Inbound {
            key: event.id.clone(),
            conversation: format::conversation(&self.instance, &event.channel),
            sender: agent::Sender {
                id: format::sender_id(&message.sender),
                label: format::sender_label(&message.sender),
                trust: Trust::User,
            },
            to: event.channel.to_string(),
            chat: Chat::Direct,
            text: message.text,
            sent_at_ms: message.sent_at_ms,
            context: context.bytes(),
            deadline: None,
            progress: false,
            meta: vec![("provider".into(), "occum".into())],
        }
    }
}

/// With whether it is the first that the guard against agents that answer each other for ever stops.
fn vet(memory: &mut Memory, event: &Event, message: &Message) -> (Vetted, bool) {
    if let Sender::Agent(sender) = &message.sender {
        match memory.agent_id() {
            None => return (Vetted::WhoAmI, false),
            Some(own) if own == sender => return (Vetted::No, false),
            Some(_) => {}
        }
    }
    if !memory.see(&event.id) {
        return (Vetted::No, false);
    }
    let guard = match message.sender {
        Sender::User(_) => {
            memory.user_spoke(&event.channel);
            Guard::Handle
        }
        Sender::Agent(_) => memory.agent_spoke(&event.channel),
    };
    match guard {
        Guard::Handle => (Vetted::Yes, false),
        Guard::Stop { first } => (Vetted::No, first),
    }
}
