//! The way to the agent and back. *Use when* something a person wrote is to be answered. *Not for* calls that the
//! agent makes by itself: those are `tools`.
//!
//! Messages of one conversation run one after the other, conversations side by side. Which agent answers is a
//! [`Backend`]; connectors cannot tell which it is. In this version what was accepted lives in memory: it survives the
//! guest, not the process.
mod backend;
mod bindings;
mod blocks;
mod desk;
mod echo;
mod host;
mod outbox;

pub use backend::{Backend, Failed, Message, Say};
pub use echo::Echo;
pub use outbox::{Outbox, Receipt, SendError};

use bindings::AgentRoomIndices;
use bindings::connector::runtime::agent as wit;
use bindings::exports::connector::runtime::agent_handler::{Guest, ReplyEvent};
use contract::{Admission, Capability, Delivery, Gauge, Handled, Has, Stamp, View};
use desk::Desk;
use outbox::Sending;
use ports::mailbox::Mailbox;
use std::sync::Arc;
use wasmtime::component::{Accessor, Instance, InstancePre, Linker};
use wasmtime::{AsContextMut, Result};

pub struct Agent {
    backend: Arc<dyn Backend>,
    /// For the host: messages that the agent sends by itself.
    pub outbox: Outbox,
}

impl Agent {
    pub fn new(backend: Arc<dyn Backend>) -> Self {
        Self { backend, outbox: Outbox::default() }
    }
}

#[derive(Clone)]
pub enum Event {
    Reply { sequence: u64, reply: Arc<ReplyEvent> },
    Outbound(Sending),
}

pub struct Seat {
    desk: Desk,
    has_handler: bool,
    owner: bool,
    _listed: outbox::Listed,
}

impl Capability for Agent {
    const NAME: &'static str = "agent";
    type Seat = Seat;
    type Event = Event;
    type Indices = Option<AgentRoomIndices>;
    type Handlers = Option<Guest>;

    fn link<T: Send + 'static>(linker: &mut Linker<T>, view: fn(&mut T) -> View<'_, Self>) -> Result<()> {
        wit::add_to_linker::<T, Has<Self>>(linker, view)
    }
    fn indices<T>(pre: &InstancePre<T>) -> Result<Self::Indices> {
        contract::exported(pre, "agent-handler").then(|| AgentRoomIndices::new(pre)).transpose()
    }
    fn handlers(
        indices: &Self::Indices,
        store: impl AsContextMut,
        instance: &Instance,
    ) -> Result<Self::Handlers> {
        let Some(indices) = indices else { return Ok(None) };
        Ok(Some(indices.load(store, instance)?.connector_runtime_agent_handler().clone()))
    }
    fn admit(&self, admission: &Admission, indices: &Self::Indices, mailbox: Mailbox<Event>) -> Seat {
        let has_handler = indices.is_some();
        Seat {
            _listed: self.outbox.list(admission.id.clone(), mailbox.clone(), has_handler),
            desk: Desk::new(admission.id.clone(), self.backend.clone(), mailbox, admission.quotas.dispatches),
            has_handler,
            owner: admission.quotas.owner,
        }
    }
    fn gauge(seat: &Seat) -> Option<Gauge> {
        Some(seat.desk.gauge())
    }
    fn deliver<'a, T: Send>(
        handlers: &'a Self::Handlers,
        accessor: &'a Accessor<T>,
        event: Event,
        stamp: Stamp,
    ) -> Handled<'a> {
        let Some(guest) = handlers else { return Ok(Delivery::NoHandler) };
        match event {
            Event::Reply { sequence, reply } => {
                contract::start(guest.func_on_reply(), accessor, (stamp.event(sequence), (*reply).clone()))
            }
            Event::Outbound(sending) => {
                let params = (stamp.event(sending.sequence), sending.message.clone());
                contract::start_with(guest.func_on_outbound(), accessor, params, move |result| {
                    sending.judge(result)
                })
            }
        }
    }
}
