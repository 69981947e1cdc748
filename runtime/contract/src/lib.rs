//! All that a room may know: its seat in a session, the mailbox, the door, and how a handler is started.
//!
//! A room is a crate that implements [`Capability`]; the host lists its rooms once with [`capabilities!`] and the
//! engine runs guests against that list without knowing any of them.
mod bindings;
mod caller;
mod handler;
mod registry;
mod shapes;

pub use bindings::connector::runtime::types;
pub use caller::{Call, CallBounds, Caller, Late, OverLimit, Pass};
pub use handler::{Delivery, Handled, Running, Stamp, Started, start, start_with};
pub use ports;
pub use registry::{CapabilitySet, HoldsSeats};
pub use shapes::{BadShape, at, fill, json_test};

use futures::future::BoxFuture;
use ports::dial::Dial;
use ports::identity::InstanceId;
use ports::journal::Past;
use ports::limit::Hits;
use ports::log_budget::LogBudget;
use ports::mailbox::{Capacity, Mailbox, Settled};
use ports::reach::Reach;
use ports::secret::Vault;
use ports::store::Quota;
use std::marker::PhantomData;
use std::sync::Arc;
use wasmtime::component::{Accessor, HasData, Instance, InstancePre, Linker};
use wasmtime::{AsContextMut, Result};

/// One room of the house.
pub trait Capability: Sized + Send + Sync + 'static {
    /// The plain word used in the WIT, the SDK, the configuration and spans.
    const NAME: &'static str;
    /// What the room keeps for one session: sockets, timers. Outlives every instance of the guest.
    type Seat: Send + 'static;
    /// Cloned, because an event in flight when its instance dies is delivered again; so keep big parts shared.
    type Event: Clone + Send + 'static;
    /// Where the handlers are in a component. Looked up once per component.
    type Indices: Send + Sync + 'static;
    /// The handlers of one instance.
    type Handlers: Send + Sync + 'static;

    /// Offers the room's imports.
    fn link<T: Send + 'static>(linker: &mut Linker<T>, view: fn(&mut T) -> View<'_, Self>) -> Result<()>;
    fn indices<T>(pre: &InstancePre<T>) -> Result<Self::Indices>;
    fn handlers(
        indices: &Self::Indices,
        store: impl AsContextMut,
        instance: &Instance,
    ) -> Result<Self::Handlers>;
    /// How many of the room's events may wait and be in flight.
    fn capacity(admission: &Admission) -> Capacity {
        admission.quotas.mailbox
    }
    /// Gives a new session its seat. Nothing is opened yet.
    fn admit(
        &self,
        admission: &Admission,
        indices: &Self::Indices,
        mailbox: Mailbox<Self::Event>,
    ) -> Self::Seat;

    /// `start` is about to run: nothing is named yet.
    fn begin(_seat: &mut Self::Seat) {}
    /// `start` returned ok: what it did not name again is closed.
    fn commit(_seat: &mut Self::Seat) {}
    /// For `status`: read whenever the operator asks, from outside of the session.
    fn gauge(_seat: &Self::Seat) -> Option<Gauge> {
        None
    }

    /// What is kept of an event that could not be delivered. `None`: later it would mean nothing, as a timer's tick.
    fn set_aside(_event: &Self::Event) -> Option<SetAside> {
        None
    }
    /// For the operator who wants it delivered after all.
    fn reviver(_seat: &Self::Seat) -> Option<Reviver> {
        None
    }

    /// Starts the handler before it returns, so that calls in order start in order.
    fn deliver<'a, T: Send>(
        handlers: &'a Self::Handlers,
        accessor: &'a Accessor<T>,
        event: Self::Event,
        stamp: Stamp,
    ) -> Handled<'a>;
}

/// Tells what a room's seat is doing, as JSON.
pub type Gauge = Arc<dyn Fn() -> serde_json::Value + Send + Sync>;

/// What was kept of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetAside {
    /// One line for the operator: no text of people, no secret.
    pub about: String,
    /// For the same room's [`Reviver`].
    pub body: Vec<u8>,
}

/// Delivers again what was set aside, with its past: what became of it, or why there is nobody to deliver it to.
pub type Reviver = Arc<dyn Fn(Vec<u8>, Past) -> BoxFuture<'static, Result<Settled, String>> + Send + Sync>;

/// What the operator gave an instance; the same for all rooms, each takes what concerns it.
#[derive(Clone)]
pub struct Admission {
    pub id: InstanceId,
    pub reach: Arc<Reach>,
    pub vault: Arc<Vault>,
    /// The way out, with what the operator configured for this instance.
    pub dial: Arc<dyn Dial>,
    pub quotas: Quotas,
    /// Of all lines that the instance can cause, together.
    pub log_budget: Arc<LogBudget>,
    /// What the instance came up against.
    pub hits: Arc<Hits>,
    /// Tools and commands that the component's descriptor lists.
    pub offers: Arc<Offers>,
}

/// Names that the host may call in a guest.
#[derive(Clone, Debug, Default)]
pub struct Offers {
    pub tools: Vec<String>,
    pub commands: Vec<String>,
}

/// How much one instance may have of what rooms give out.
#[derive(Clone, Copy, Debug)]
pub struct Quotas {
    /// Events waiting and in flight, per room.
    pub mailbox: Capacity,
    pub sockets: usize,
    pub timers: usize,
    /// Messages handed to the agent and not answered.
    pub dispatches: usize,
    /// Messages handed to the agent in a minute.
    pub dispatches_per_minute: u32,
    /// Dials of all its sockets in a minute.
    pub dials_per_minute: u32,
    /// HTTP requests at once.
    pub requests: usize,
    /// What it may keep in its store.
    pub store: Quota,
    /// Keys in its key ring.
    pub keys: usize,
    /// What it may publish: keys, and bytes of keys and values together.
    pub published: (usize, usize),
    /// Whether messages of trust `owner` may be dispatched.
    pub owner: bool,
}

impl Default for Quotas {
    fn default() -> Self {
        Self {
            mailbox: Capacity { events: 64, bytes: 4 << 20 },
            sockets: 16,
            timers: 64,
            dispatches: 256,
            dispatches_per_minute: 6000,
            dials_per_minute: 60,
            requests: 16,
            store: Quota { keys: 10_000, bytes: 16 << 20 },
            keys: 64,
            published: (1000, 1 << 20),
            owner: false,
        }
    }
}

/// What a host call sees: its seat and the caller.
pub struct View<'a, C: Capability> {
    pub seat: &'a mut C::Seat,
    pub caller: &'a Caller,
}

/// Names [`View`] for wasmtime's generated `add_to_linker`.
pub struct Has<C>(PhantomData<fn() -> C>);

impl<C: Capability> HasData for Has<C> {
    type Data<'a> = View<'a, C>;
}

/// Whether a component exports this interface of our package, such as `timers-handler`, in this version.
pub fn exported<T>(pre: &InstancePre<T>, interface: &str) -> bool {
    let name = format!("connector:runtime/{interface}@{}", env!("CARGO_PKG_VERSION"));
    pre.component().get_export_index(None, &name).is_some()
}
