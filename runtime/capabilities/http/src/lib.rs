//! HTTP requests. *Use when* the connector asks the platform. *Not for* what the platform pushes: that is `websocket`.
mod bindings;
pub mod driver;
mod host;

use bindings::connector::runtime::http as wit;
use contract::{Admission, Capability, Gauge, Handled, Has, Stamp, View};
use driver::{Client, Limits};
use ports::mailbox::Mailbox;
use ports::secret::Vault;
use serde_json::json;
use std::convert::Infallible;
use std::sync::Arc;
use tokio::sync::Semaphore;
use wasmtime::component::{Accessor, Instance, InstancePre, Linker};
use wasmtime::{AsContextMut, Result};

pub struct Http;

/// Dropped with its instance: closes what is idle.
pub struct Seat {
    client: Arc<Client>,
    vault: Arc<Vault>,
    /// Bytes of request bodies under way, those that wait included.
    bodies: Arc<Semaphore>,
}

/// Request bodies under way of one instance: four of the largest.
const BODIES_BYTES: usize = 16 << 20;

impl Drop for Seat {
    fn drop(&mut self) {
        self.client.close();
    }
}

impl Capability for Http {
    const NAME: &'static str = "http";
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
    fn handlers(_: &(), _: impl AsContextMut, _: &Instance) -> Result<()> {
        Ok(())
    }
    fn admit(&self, admission: &Admission, _: &(), _: Mailbox<Infallible>) -> Seat {
        let in_flight = admission.quotas.requests;
        // As many kept as may be in use: with fewer, a busy connector to one platform dials anew for most requests.
        let usual = Limits::default();
        // With none allowed none may wait for its turn either.
        let waiting = if in_flight == 0 { 0 } else { usual.waiting };
        let limits = Limits { in_flight, waiting, idle_per_host: in_flight, ..usual };
        let Admission { dial, reach, vault, .. } = admission.clone();
        let client = Arc::new(Client::new(dial, reach, vault.clone(), limits));
        Seat { client, vault, bodies: Arc::new(Semaphore::new(BODIES_BYTES)) }
    }
    fn gauge(seat: &Seat) -> Option<Gauge> {
        let client = seat.client.clone();
        Some(Arc::new(move || {
            let counts = client.counts();
            json!({
                "requests": counts.requests, "failures": counts.failures, "bytes_in": counts.bytes_in,
                "bytes_out": counts.bytes_out, "last_status": counts.last_status, "connections": counts.connections,
                "scrubbed": counts.scrubbed,
            })
        }))
    }
    fn deliver<'a, T: Send>(_: &'a (), _: &'a Accessor<T>, event: Infallible, _: Stamp) -> Handled<'a> {
        match event {}
    }
}
