//! The way to the agent and back. *Use when* something a person wrote is to be answered. *Not for* calls that the
//! agent makes by itself: those are `tools`.
//!
//! Messages of one conversation run one after the other, conversations side by side. Which agent answers is a
//! [`Backend`]; connectors cannot tell which it is. What was accepted is in the journal before the connector hears that it
//! was, and stays there until the connector has answered for the last reply.
mod bindings;
mod blocks;
mod desk;
mod echo;
mod host;
mod kept;
mod line;
mod outbox;
mod recovery;
mod revival;
mod speech;
mod work;

pub use echo::Echo;
pub use outbox::{Outbox, Receipt, SendError};

use bindings::AgentRoomIndices;
use bindings::connector::runtime::agent as wit;
use bindings::exports::connector::runtime::agent_handler::{Guest, ReplyEvent};
use contract::{Admission, Capability, Delivery, Gauge, Handled, Has, Reviver, SetAside, Stamp, View};
use desk::{Desk, Most};
use kept::{Kept, Said, Told};
use outbox::Sending;
use ports::agent::Backend;
use ports::identity::InstanceId;
use ports::journal::{self, Batch, Journal};
use ports::mailbox::{Capacity, Mailbox};
use recovery::Recovered;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};
use wasmtime::component::{Accessor, Instance, InstancePre, Linker};
use wasmtime::{AsContextMut, Result};

const NAME: &str = "agent";

/// A block with its context; a few larger endings among many fit too.
const REPLY_BYTES: usize = 16 << 10;

pub struct Agent {
    backend: Arc<dyn Backend>,
    journal: Arc<dyn Journal>,
    /// For the host: messages that the agent sends by itself.
    pub outbox: Outbox,
    recovered: Mutex<HashMap<InstanceId, Recovered>>,
    /// What works for each instance, or did last.
    at_work: Mutex<HashMap<InstanceId, AtWork>>,
}

/// Both end soon after the seat; until then they may write.
struct AtWork {
    desk: Weak<desk::Inner>,
    outbox: Weak<outbox::Way>,
}

impl AtWork {
    fn is_over(&self) -> bool {
        self.desk.strong_count() == 0 && self.outbox.strong_count() == 0
    }
}

/// For the work on an instance that was stopped to end; nothing in it waits for anybody.
const ENDS_WITHIN: Duration = Duration::from_secs(10);

impl Agent {
    pub fn new(backend: Arc<dyn Backend>, journal: Arc<dyn Journal>) -> Self {
        let outbox = Outbox::new(journal.clone());
        Self { backend, journal, outbox, recovered: Mutex::default(), at_work: Mutex::default() }
    }

    /// To be called before the instance is admitted: reads what an earlier process, or an earlier life of the instance
    /// in this one, left open. Waits until nobody works for that one any more: what it still writes must be seen.
    ///
    /// # Errors
    /// The journal's.
    pub async fn recover(&self, id: &InstanceId) -> std::result::Result<(), journal::Error> {
        let over = || lock(&self.at_work).get(id).is_none_or(AtWork::is_over);
        let begun = Instant::now();
        while !over() {
            if begun.elapsed() > ENDS_WITHIN {
                return Err(journal::Error::Unavailable("the work on its messages has not ended yet".into()));
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let mut recovered = recovery::recover(self.journal.open(id).await?);
        drop(self.journal.append(Batch::of(std::mem::take(&mut recovered.setbacks))));
        lock(&self.recovered).insert(id.clone(), recovered);
        Ok(())
    }
}

#[derive(Clone)]
pub enum Event {
    Reply {
        sequence: u64,
        reply: Arc<ReplyEvent>,
        /// How it is kept, if it is.
        told: Option<Arc<Told>>,
    },
    Outbound(Sending),
}

pub struct Seat {
    desk: Desk,
    outbox: Outbox,
    journal: Arc<dyn Journal>,
    id: InstanceId,
    has_handler: bool,
    owner: bool,
    _listed: outbox::Listed,
}

impl Capability for Agent {
    const NAME: &'static str = NAME;
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
    /// Each conversation has at most one reply on its way, and so has each message that the agent sends by itself: one
    /// that is tried for hours must not take the place of another.
    fn capacity(admission: &Admission) -> Capacity {
        let Capacity { events, bytes } = admission.quotas.mailbox;
        let most = admission.quotas.dispatches + outbox::MOST;
        Capacity { events: events.max(most), bytes: bytes.max(most * REPLY_BYTES) }
    }
    fn admit(&self, admission: &Admission, indices: &Self::Indices, mailbox: Mailbox<Event>) -> Seat {
        let has_handler = indices.is_some();
        let id = admission.id.clone();
        let recovered = lock(&self.recovered).remove(&id);
        let Recovered { jobs, outbound, .. } = recovered.unwrap_or_default();
        let listed = self.outbox.list(id.clone(), mailbox.clone(), has_handler, outbound);
        let desk = Desk::new(
            id.clone(),
            self.backend.clone(),
            self.journal.clone(),
            mailbox,
            Most { open: admission.quotas.dispatches, per_minute: admission.quotas.dispatches_per_minute },
            jobs,
        );
        let at_work = AtWork { desk: Arc::downgrade(&desk.inner), outbox: listed.way() };
        lock(&self.at_work).insert(id.clone(), at_work);
        Seat {
            _listed: listed,
            desk,
            outbox: self.outbox.clone(),
            journal: self.journal.clone(),
            id,
            has_handler,
            owner: admission.quotas.owner,
        }
    }
    fn commit(seat: &mut Seat) {
        seat.desk.begin();
    }
    fn gauge(seat: &Seat) -> Option<Gauge> {
        Some(seat.desk.gauge())
    }
    fn set_aside(event: &Event) -> Option<SetAside> {
        match event {
            Event::Reply { told, .. } => told.as_ref().map(|told| set_aside_reply(told)),
            Event::Outbound(sending) => Some(SetAside {
                about: format!("message of the agent to {}", printable(&sending.message.to)),
                body: kept::write(&Kept::outbound(&sending.message)),
            }),
        }
    }
    fn reviver(seat: &Seat) -> Option<Reviver> {
        Some(revival::reviver(&seat.desk.inner, &seat.outbox))
    }
    fn deliver<'a, T: Send>(
        handlers: &'a Self::Handlers,
        accessor: &'a Accessor<T>,
        event: Event,
        stamp: Stamp,
    ) -> Handled<'a> {
        let Some(guest) = handlers else { return Ok(Delivery::NoHandler) };
        match event {
            Event::Reply { sequence, reply, .. } => contract::start(
                "on-reply",
                guest.func_on_reply(),
                accessor,
                (stamp.event(sequence), (*reply).clone()),
            ),
            Event::Outbound(sending) => {
                let params = (stamp.event(sending.sequence), sending.message.clone());
                contract::start_with(
                    "on-outbound",
                    guest.func_on_outbound(),
                    accessor,
                    params,
                    move |result| sending.judge(result),
                )
            }
        }
    }
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

fn set_aside_reply(told: &Told) -> SetAside {
    let what = match told.said {
        Said::Block(_) => "block",
        Said::Final(_) => "end",
        Said::Failed(..) => "failure",
        Said::Aborted => "abortion",
    };
    let body = kept::write_reply(told);
    SetAside { about: format!("{what} of an answer to {}", printable(&told.to)), body }
}

fn printable(name: &str) -> String {
    ports::log_budget::printable(name, 256)
}
