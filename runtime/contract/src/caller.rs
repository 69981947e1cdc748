//! Who is calling: every host call belongs to the handler that made it, and ends when that handler is out of time.
//!
//! wasmtime 48 cannot cancel a guest task. But a handler that waits, waits in a host call, and that is ours to end.
//! Only host functions of the `store` form can tell which task calls; so all of ours have it.
use crate::{Capability, Has};
use ports::identity::InstanceId;
use std::collections::BTreeMap;
use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, Span, debug_span};
use wasmtime::AsContextMut;
use wasmtime::component::{Access, Accessor, GuestTaskId};

/// One run of a handler.
#[derive(Debug)]
pub struct Call {
    /// The room whose handler it is.
    pub room: &'static str,
    pub order: u64,
    pub attempt: u32,
    /// Cancelled when the handler is out of time.
    pub late: CancellationToken,
}

/// The instance, and which of its tasks is which handler.
#[derive(Clone)]
pub struct Caller {
    pub id: InstanceId,
    calls: Arc<Mutex<BTreeMap<GuestTaskId, Arc<Call>>>>,
    host_calls: Arc<AtomicU64>,
}

/// The handler that made this call is out of time.
#[derive(Debug, PartialEq, Eq)]
pub struct Late;

impl Caller {
    pub fn new(id: InstanceId) -> Self {
        Self { id, calls: Arc::default(), host_calls: Arc::default() }
    }

    /// A handler was started as this task.
    pub fn begins(&self, task: GuestTaskId, call: Arc<Call>) {
        self.lock().insert(task, call);
    }

    /// The handler answered; its task's number may be used again.
    pub fn answered(&self, task: GuestTaskId) {
        self.lock().remove(&task);
    }

    /// A new instance counts its tasks from the start again.
    pub fn reborn(&self) {
        self.lock().clear();
    }

    /// Host calls made so far.
    pub fn host_calls(&self) -> u64 {
        self.host_calls.load(Relaxed)
    }

    fn call_of(&self, task: Option<GuestTaskId>) -> Option<Arc<Call>> {
        self.lock().get(&task?).cloned()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<GuestTaskId, Arc<Call>>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A host call that was let in: whose it is, and its span.
pub struct Pass {
    /// `None`: not from a handler (`start`, `stop`, or a task that outlived its handler).
    pub call: Option<Arc<Call>>,
    pub span: Span,
}

/// The longest that a host call waits where nothing else bounds it.
const LONGEST_WAIT: Duration = Duration::from_secs(150);

impl Pass {
    /// Lets a host call in. To be called before the host call's first await: only then does wasmtime know which
    /// handler is calling.
    pub fn enter<C: Capability, T>(access: &mut Access<'_, T, Has<C>>, operation: &'static str) -> Self {
        let task = access.as_context_mut().async_call_stack().ok().and_then(Iterator::last);
        let caller = access.get().caller;
        caller.host_calls.fetch_add(1, Relaxed);
        let call = caller.call_of(task);
        let event = call.as_ref().map(|call| call.order);
        Self {
            span: debug_span!("host_call", room = C::NAME, operation, connector = %caller.id, event),
            call,
        }
    }

    /// [`enter`](Self::enter) from an async host function.
    pub fn of<C: Capability, T>(accessor: &Accessor<T, Has<C>>, operation: &'static str) -> Self {
        accessor.with(|mut access| Self::enter::<C, T>(&mut access, operation))
    }

    /// Waits for the call or for the end of its handler's time.
    ///
    /// # Errors
    /// [`Late`]; the call was dropped.
    pub async fn wait<F: Future>(&self, call: F) -> Result<F::Output, Late> {
        let late = async {
            match &self.call {
                Some(call) => call.late.cancelled().await,
                None => tokio::time::sleep(LONGEST_WAIT).await,
            }
        };
        tokio::select! {
            biased;
            answer = call.instrument(self.span.clone()) => Ok(answer),
            () = late => Err(Late),
        }
    }
}
