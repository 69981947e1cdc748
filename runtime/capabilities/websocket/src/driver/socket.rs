//! The handle: who holds it owns the socket's task.
use super::Context;
use super::drive::Driver;
use super::error::SendError;
use super::event::Frame;
use super::fill;
use super::outbox::Outbox;
use super::plan::Plan;
use ports::secret::{Fill, Vault};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tracing::Instrument;

/// One named socket. Dropping it ends the task; an open connection gets a close frame (1000) if that can be written
/// at once.
pub struct Socket {
    sender: Sender,
    task: JoinHandle<()>,
}

/// For sending without owning the socket: a send in flight does not keep it open.
#[derive(Clone)]
pub struct Sender {
    shared: Arc<Shared>,
    vault: Arc<Vault>,
}

/// Between handle and task.
pub(super) struct Shared {
    slot: Mutex<Slot>,
    /// Dial now.
    pub(super) wish: Notify,
}

struct Slot {
    plan: Arc<Plan>,
    /// While a connection is open.
    outbox: Option<Outbox>,
    /// The task waits for a wish, for ever.
    parked: bool,
}

impl Socket {
    /// Dials at once, in a task of its own on the current runtime. A plan that fails [`Plan::check`] is told as
    /// `Closed` with `Denied`.
    pub fn open(plan: Plan, context: Context) -> Self {
        let shared = Shared::new(plan);
        let sender = Sender { shared: shared.clone(), vault: context.vault.clone() };
        let span = tracing::info_span!("websocket.socket", socket = %context.name);
        let task = tokio::spawn(Driver::new(context, shared).run().instrument(span));
        Self { sender, task }
    }

    /// See [`Sender::send`].
    pub async fn send(&self, frame: Frame, fills: &[Fill]) -> Result<(), SendError> {
        self.sender.send(frame, fills).await
    }

    pub fn sender(&self) -> Sender {
        self.sender.clone()
    }

    /// Used at the next dial; an open connection stays as it is. A socket that has stopped dialling (401, 403, denied)
    /// dials again if the plan is another one.
    pub fn plan(&mut self, plan: Plan) {
        let shared = &self.sender.shared;
        let mut slot = shared.slot();
        if *slot.plan != plan {
            slot.plan = Arc::new(plan);
            if std::mem::take(&mut slot.parked) {
                shared.wish.notify_one();
            }
        }
    }

    /// Closes the connection, if there is one, and dials again: at once, but not sooner than the plan's first back-off
    /// after the last dial, so that a connector in a loop does not hammer the platform.
    pub fn reconnect(&self) {
        self.sender.shared.wish.notify_one();
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Sender {
    /// Resolves when the frame was flushed to the socket. Waits while 16 frames or 1 MiB wait already; frames keep the
    /// order of the calls. Cancelled, a frame that was not begun is not sent; one that was begun still is.
    ///
    /// # Errors
    /// [`SendError`]. Only after `Closed` is it unknown whether the platform got the frame.
    pub async fn send(&self, frame: Frame, fills: &[Fill]) -> Result<(), SendError> {
        let outbox = self.shared.slot().outbox.clone().ok_or(SendError::NotOpen)?;
        let plan = &outbox.plan;
        let message = fill::message(&frame, fills, &self.vault, &plan.url, plan.max_message_bytes)?;
        outbox.send(message).await
    }
}

impl Shared {
    pub(super) fn new(plan: Plan) -> Arc<Self> {
        let slot = Slot { plan: Arc::new(plan), outbox: None, parked: false };
        Arc::new(Self { slot: Mutex::new(slot), wish: Notify::new() })
    }

    pub(super) fn plan(&self) -> Arc<Plan> {
        self.slot().plan.clone()
    }

    pub(super) fn set_outbox(&self, outbox: Option<Outbox>) {
        self.slot().outbox = outbox;
    }

    /// Until a wish comes. At once if there is another plan than the one that was `tried`.
    pub(super) async fn park(&self, tried: &Arc<Plan>) {
        let parked = {
            let mut slot = self.slot();
            slot.parked = Arc::ptr_eq(&slot.plan, tried);
            slot.parked
        };
        if parked {
            self.wish.notified().await;
            self.slot().parked = false;
        }
    }

    /// The wait ended by itself.
    pub(super) fn unpark(&self) {
        self.slot().parked = false;
    }

    fn slot(&self) -> MutexGuard<'_, Slot> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
