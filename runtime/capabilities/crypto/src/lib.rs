//! Keys that the host keeps, and what is done with them. *Use when* the platform wants a signature or a MAC. *Not for*
//! secrets that are only written somewhere: those go into a `fill`.
mod bindings;
mod host;
mod lower;
mod text;

use bindings::connector::runtime::crypto as wit;
use contract::{Admission, Capability, Gauge, Handled, Has, Stamp, View};
use ports::identity::InstanceId;
use ports::keys::KeyRing;
use ports::mailbox::Mailbox;
use ports::secret::Vault;
use serde_json::json;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use tokio::sync::Semaphore;
use wasmtime::component::{Accessor, Instance, InstancePre, Linker};
use wasmtime::{AsContextMut, Result};

pub struct Crypto {
    ring: Arc<dyn KeyRing>,
}

impl Crypto {
    pub fn new(ring: Arc<dyn KeyRing>) -> Self {
        Self { ring }
    }
}

pub struct Seat {
    id: InstanceId,
    ring: Arc<dyn KeyRing>,
    vault: Arc<Vault>,
    /// Keys that it may have.
    most: usize,
    counts: Arc<Counts>,
    /// Calls that the ring has not answered.
    calls: Arc<Semaphore>,
}

/// The ring's queue for its disk is shared by all instances.
const CALLS: usize = 16;

#[derive(Default)]
struct Counts {
    calls: AtomicU64,
    refused: AtomicU64,
}

impl Capability for Crypto {
    const NAME: &'static str = "crypto";
    type Seat = Seat;
    type Event = Infallible;
    type Indices = ();
    type Handlers = ();

    fn link<T: Send + 'static>(linker: &mut Linker<T>, view: fn(&mut T) -> View<'_, Self>) -> Result<()> {
        bindings::connector::runtime::crypto::add_to_linker::<T, Has<Self>>(linker, view)
    }
    fn indices<T>(_: &InstancePre<T>) -> Result<()> {
        Ok(())
    }
    fn handlers((): &(), _: impl AsContextMut, _: &Instance) -> Result<()> {
        Ok(())
    }
    fn admit(&self, admission: &Admission, (): &(), _: Mailbox<Infallible>) -> Seat {
        Seat {
            id: admission.id.clone(),
            ring: self.ring.clone(),
            vault: admission.vault.clone(),
            most: admission.quotas.keys,
            counts: Arc::default(),
            calls: Arc::new(Semaphore::new(CALLS)),
        }
    }
    fn gauge(seat: &Seat) -> Option<Gauge> {
        let (counts, most) = (seat.counts.clone(), seat.most);
        Some(Arc::new(move || {
            let Counts { calls, refused } = &*counts;
            json!({ "calls": calls.load(Relaxed), "refused": refused.load(Relaxed), "most_keys": most })
        }))
    }
    fn deliver<'a, T: Send>(_: &'a (), _: &'a Accessor<T>, event: Infallible, _: Stamp) -> Handled<'a> {
        match event {}
    }
}
