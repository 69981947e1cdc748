//! One named WebSocket that the host owns: dials, logs in, keeps alive, reconnects, and outlives the guest.
//!
//! Knows no WIT type and no wasmtime, so that all of it is tested against a loopback server without a guest. One
//! socket is one task; what is in it while the connection is idle is kept small, because thousands are idle.
mod backoff;
mod connect;
mod counted;
mod dials;
mod drive;
mod error;
mod event;
mod fill;
mod gauge;
mod keepalive;
mod outbox;
mod plan;
mod pump;
mod receive;
mod scrub;
mod socket;
mod tell;
#[cfg(test)]
mod tests;
mod upgrade;
mod wire;

pub use backoff::Backoff;
pub use dials::Dials;
pub use error::{PlanError, SendError};
pub use event::{CloseReason, Event, Frame, What};
pub use gauge::{Gauge, Reading, State};
pub use plan::{DEFAULT_MESSAGE_BYTES, FirstFrame, MAX_MESSAGE_BYTES, Ping, Plan};
pub use socket::{Sender, Socket};

use ports::dial::Dial;
use ports::mailbox::Mailbox;
use ports::reach::Reach;
use ports::secret::Vault;
use std::sync::Arc;

/// What the host gives a socket: the way out, what the operator granted, and the way in to the guest.
pub struct Context {
    pub dial: Arc<dyn Dial>,
    pub reach: Arc<Reach>,
    pub vault: Arc<Vault>,
    pub mailbox: Mailbox<Event>,
    /// The name that the connector chose for this socket.
    pub name: Arc<str>,
    pub gauge: Arc<Gauge>,
    pub dials: Dials,
}
