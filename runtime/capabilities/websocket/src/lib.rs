//! WebSockets that the host owns. *Use when* the platform pushes. *Not for* requests and answers: that is `http`.
mod bindings;
mod config;
pub mod driver;
mod host;
mod lower;
mod revival;

use bindings::WebsocketRoomIndices;
use bindings::connector::runtime::websocket as wit;
use bindings::exports::connector::runtime::websocket_handler::Guest;
use contract::{Admission, Capability, Delivery, Gauge, Handled, Has, Reviver, SetAside, Stamp, View};
use driver::Dials;
use driver::What;
use host::Subscription;
use ports::clock::first_number;
use ports::mailbox::Mailbox;
use std::collections::BTreeMap;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use tokio::sync::Semaphore;
use wasmtime::component::{Accessor, Instance, InstancePre, Linker};
use wasmtime::{AsContextMut, Result};

pub struct Websocket;

/// What a socket says, while its subscription lasts: after `close` nothing more of it is delivered.
#[derive(Clone)]
pub struct Event {
    event: driver::Event,
    subscription: Weak<()>,
}

type Listed = BTreeMap<Arc<str>, Entry>;

/// What may be known of a subscription from outside of the session.
struct Entry {
    gauge: Arc<driver::Gauge>,
    lasts: Weak<()>,
}

pub struct Seat {
    sockets: BTreeMap<Arc<str>, Subscription>,
    /// The same names, for `status` and for what was set aside.
    listed: Arc<Mutex<Listed>>,
    admission: Admission,
    mailbox: Mailbox<Event>,
    has_handler: bool,
    /// Numbers the events of all sockets together: none comes twice under one name, whatever is closed and opened.
    numbers: Arc<AtomicU64>,
    /// Bytes of frames that wait to be sent.
    sending: Arc<Semaphore>,
    dials: Dials,
}

/// Frames that wait to be sent, of all sockets of an instance: one of the largest possible.
const SENDING_BYTES: usize = 16 << 20;

impl Capability for Websocket {
    const NAME: &'static str = "websocket";
    type Seat = Seat;
    type Event = Event;
    type Indices = Option<WebsocketRoomIndices>;
    type Handlers = Option<Guest>;

    fn link<T: Send + 'static>(linker: &mut Linker<T>, view: fn(&mut T) -> View<'_, Self>) -> Result<()> {
        wit::add_to_linker::<T, Has<Self>>(linker, view)
    }
    fn indices<T>(pre: &InstancePre<T>) -> Result<Self::Indices> {
        contract::exported(pre, "websocket-handler").then(|| WebsocketRoomIndices::new(pre)).transpose()
    }
    fn handlers(
        indices: &Self::Indices,
        store: impl AsContextMut,
        instance: &Instance,
    ) -> Result<Self::Handlers> {
        let Some(indices) = indices else { return Ok(None) };
        Ok(Some(indices.load(store, instance)?.connector_runtime_websocket_handler().clone()))
    }
    fn admit(&self, admission: &Admission, indices: &Self::Indices, mailbox: Mailbox<Event>) -> Seat {
        Seat {
            sockets: BTreeMap::new(),
            listed: Arc::default(),
            admission: admission.clone(),
            mailbox,
            has_handler: indices.is_some(),
            numbers: Arc::new(AtomicU64::new(first_number())),
            sending: Arc::new(Semaphore::new(SENDING_BYTES)),
            dials: Dials::new(admission.quotas.dials_per_minute, admission.hits.clone()),
        }
    }
    fn begin(seat: &mut Seat) {
        seat.sockets.values_mut().for_each(|socket| socket.named = false);
    }
    fn commit(seat: &mut Seat) {
        seat.sockets.retain(|_, socket| socket.named);
        let kept = &seat.sockets;
        seat.listed.lock().unwrap_or_else(PoisonError::into_inner).retain(|name, _| kept.contains_key(name));
    }
    fn gauge(seat: &Seat) -> Option<Gauge> {
        let listed = seat.listed.clone();
        Some(Arc::new(move || lower::gauges(&listed.lock().unwrap_or_else(PoisonError::into_inner))))
    }
    fn set_aside(event: &Event) -> Option<SetAside> {
        revival::set_aside(&event.event)
    }
    fn reviver(seat: &Seat) -> Option<Reviver> {
        Some(revival::reviver(seat))
    }
    fn deliver<'a, T: Send>(
        handlers: &'a Self::Handlers,
        accessor: &'a Accessor<T>,
        event: Event,
        stamp: Stamp,
    ) -> Handled<'a> {
        let Some(guest) = handlers else { return Ok(Delivery::NoHandler) };
        if event.subscription.upgrade().is_none() {
            return Ok(Delivery::Stale);
        }
        let event = event.event;
        let (stamp, name) = (stamp.event(event.sequence), event.name.to_string());
        match event.what {
            What::Opened { connection, subprotocol } => contract::start(
                "on-open",
                guest.func_on_open(),
                accessor,
                (stamp, name, connection, subprotocol),
            ),
            What::Message(frame) => contract::start(
                "on-message",
                guest.func_on_message(),
                accessor,
                (stamp, name, lower::frame(frame)),
            ),
            What::Closed { reason, will_reconnect_ms } => {
                let reconnect_in = will_reconnect_ms.map(|ms| u32::try_from(ms).unwrap_or(u32::MAX));
                contract::start(
                    "on-close",
                    guest.func_on_close(),
                    accessor,
                    (stamp, name, lower::reason(reason), reconnect_in),
                )
            }
        }
    }
}
