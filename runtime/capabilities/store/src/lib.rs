//! Values that outlive the guest and the process. *Use when* something must be known after a restart, such as how far a
//! channel was read. *Not for* messages: the agent room keeps what it accepted.
mod bindings;
mod host;

use bindings::connector::runtime::store as wit;
use contract::{Admission, Capability, Gauge, Handled, Has, Stamp, View};
use ports::identity::InstanceId;
use ports::mailbox::Mailbox;
use ports::store::{Quota, Store as Port};
use serde_json::json;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use tokio::sync::Semaphore;
use wasmtime::component::{Accessor, Instance, InstancePre, Linker};
use wasmtime::{AsContextMut, Result};

pub struct Store {
    port: Arc<dyn Port>,
}

impl Store {
    pub fn new(port: Arc<dyn Port>) -> Self {
        Self { port }
    }
}

pub struct Seat {
    id: InstanceId,
    port: Arc<dyn Port>,
    quota: Quota,
    counts: Arc<Counts>,
    /// Calls that are not answered, and the bytes that they hold.
    calls: Arc<Semaphore>,
    bytes: Arc<Semaphore>,
}

/// The journal's queue has no bound of its own, and every instance shares it.
const CALLS: usize = 64;
const CALL_BYTES: usize = 4 << 20;

#[derive(Default)]
struct Counts {
    reads: AtomicU64,
    commits: AtomicU64,
    refused: AtomicU64,
}

impl Capability for Store {
    const NAME: &'static str = "store";
    type Seat = Seat;
    type Event = Infallible;
    type Indices = ();
    type Handlers = ();

    fn link<T: Send + 'static>(linker: &mut Linker<T>, view: fn(&mut T) -> View<'_, Self>) -> Result<()> {
        wit::add_to_linker::<T, Has<Self>>(linker, view)
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
            port: self.port.clone(),
            quota: admission.quotas.store,
            counts: Arc::default(),
            calls: Arc::new(Semaphore::new(CALLS)),
            bytes: Arc::new(Semaphore::new(CALL_BYTES)),
        }
    }
    fn gauge(seat: &Seat) -> Option<Gauge> {
        let (counts, quota) = (seat.counts.clone(), seat.quota);
        Some(Arc::new(move || {
            let Counts { reads, commits, refused } = &*counts;
            let [reads, commits, refused] = [reads, commits, refused].map(|count| count.load(Relaxed));
            json!({
                "reads": reads, "commits": commits, "refused": refused,
                "most_keys": quota.keys, "most_bytes": quota.bytes,
            })
        }))
    }
    fn deliver<'a, T: Send>(_: &'a (), _: &'a Accessor<T>, event: Infallible, _: Stamp) -> Handled<'a> {
        match event {}
    }
}
