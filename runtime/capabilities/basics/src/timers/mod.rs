//! Time, and events at a time. *Use when* something is to happen later or again. *Not for* keeping a socket alive
//! (declare a ping) or retrying an event (answer `retry`).
mod driver;
mod fate;
mod host;
mod bindings {
    wasmtime::component::bindgen!({
        path: "../../../wit", world: "timers-room",
        imports: { default: store | trappable, "connector:runtime/timers.sleep": async | store | trappable },
        exports: { default: async | store },
        with: { "connector:runtime/types": contract::types },
    });
}
use bindings::TimersRoomIndices;
use bindings::connector::runtime::timers as wit;
use bindings::exports::connector::runtime::timers_handler::Guest;
use contract::{Admission, Capability, Delivery, Gauge, Handled, Has, Stamp, View};
use driver::Timers as Running;
use fate::Fate;
use ports::clock::first_number;
use ports::mailbox::Mailbox;
use serde_json::json;
use std::sync::Arc;
use std::time::Instant;
use wasmtime::component::{Accessor, Instance, InstancePre, Linker};
use wasmtime::{AsContextMut, Result};

pub struct Timers {
    started: Instant,
}

impl Default for Timers {
    fn default() -> Self {
        Self { started: Instant::now() }
    }
}

#[derive(Clone, Debug)]
pub struct Fired {
    pub name: Arc<str>,
    pub sequence: u64,
    /// Whether it was cancelled while it waited.
    fate: Arc<Fate>,
}

pub struct Seat {
    running: Running,
    has_handler: bool,
    started: Instant,
}

impl Capability for Timers {
    const NAME: &'static str = "timers";
    type Seat = Seat;
    type Event = Fired;
    type Indices = Option<TimersRoomIndices>;
    type Handlers = Option<Guest>;

    fn link<T: Send + 'static>(linker: &mut Linker<T>, view: fn(&mut T) -> View<'_, Self>) -> Result<()> {
        wit::add_to_linker::<T, Has<Self>>(linker, view)
    }
    fn indices<T>(pre: &InstancePre<T>) -> Result<Self::Indices> {
        contract::exported(pre, "timers-handler").then(|| TimersRoomIndices::new(pre)).transpose()
    }
    fn handlers(
        indices: &Self::Indices,
        store: impl AsContextMut,
        instance: &Instance,
    ) -> Result<Self::Handlers> {
        let Some(indices) = indices else { return Ok(None) };
        Ok(Some(indices.load(store, instance)?.connector_runtime_timers_handler().clone()))
    }
    fn admit(&self, admission: &Admission, indices: &Self::Indices, mailbox: Mailbox<Fired>) -> Seat {
        let running = Running::new(mailbox, admission.quotas.timers, first_number());
        Seat { running, has_handler: indices.is_some(), started: self.started }
    }
    fn begin(seat: &mut Seat) {
        seat.running.begin();
    }
    fn commit(seat: &mut Seat) {
        seat.running.commit();
    }
    fn gauge(seat: &Seat) -> Option<Gauge> {
        let counts = seat.running.counts();
        Some(Arc::new(
            move || json!({ "timers": counts.timers(), "fired": counts.fired(), "dropped": counts.dropped() }),
        ))
    }
    fn deliver<'a, T: Send>(
        handlers: &'a Self::Handlers,
        accessor: &'a Accessor<T>,
        fired: Fired,
        stamp: Stamp,
    ) -> Handled<'a> {
        let Some(guest) = handlers else { return Ok(Delivery::NoHandler) };
        if !fired.fate.begins() {
            return Ok(Delivery::Stale);
        }
        contract::start(
            "on-fire",
            guest.func_on_fire(),
            accessor,
            (stamp.event(fired.sequence), fired.name.to_string()),
        )
    }
}
