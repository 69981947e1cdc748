//! Who is calling: every host call belongs to the handler that made it, and ends when that handler is out of time.
//!
//! wasmtime 48 cannot cancel a guest task. But a handler that waits, waits in a host call, and that is ours to end.
//! Only host functions of the `store` form can tell which task calls; so all of ours have it.
use crate::{Capability, Has};
use ports::identity::InstanceId;
use ports::limit::{Hits, Limit};
use std::collections::BTreeMap;
use std::future::Future;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, Span, debug_span};
use wasmtime::component::{Access, Accessor, GuestTaskId};
use wasmtime::{AsContextMut, Result as Trappable};

/// One run of a handler.
#[derive(Debug)]
pub struct Call {
    /// The room whose handler it is.
    pub room: &'static str,
    /// As the WIT names it, such as `on-message`.
    pub handler: &'static str,
    pub order: u64,
    pub attempt: u32,
    /// Cancelled when the handler is out of time.
    pub late: CancellationToken,
}

/// The instance, and which of its tasks is which handler.
#[derive(Clone)]
pub struct Caller {
    pub id: InstanceId,
    shared: Arc<Shared>,
}

struct Shared {
    calls: Mutex<BTreeMap<GuestTaskId, Arc<Call>>>,
    bounds: CallBounds,
    hits: Arc<Hits>,
    host_calls: AtomicU64,
    open: AtomicUsize,
    last_error: Mutex<Option<(Instant, String)>>,
}

/// What the host calls of one instance may take.
#[derive(Clone, Copy, Debug)]
pub struct CallBounds {
    /// Not finished at once. Each holds memory of the host; past it the instance is ended, as it does not wait for
    /// what it asks.
    pub at_once: usize,
    /// The longest that one waits where nothing else bounds it; then it answers `timeout`.
    pub longest: Duration,
}

impl Default for CallBounds {
    fn default() -> Self {
        Self { at_once: 512, longest: Duration::from_secs(150) }
    }
}

/// What ends an instance from the host's side; wasmtime passes it through the guest unchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OverLimit {
    #[error("memory over its limit")]
    Memory,
    #[error("table over its limit")]
    Table,
    #[error("more host calls at once than its limit")]
    HostCalls,
}

/// Between what a guest says of its end and the end.
const JUST_NOW: Duration = Duration::from_secs(1);

/// The handler that made this call is out of time.
#[derive(Debug, PartialEq, Eq)]
pub struct Late;

impl Caller {
    pub fn new(id: InstanceId, bounds: CallBounds, hits: Arc<Hits>) -> Self {
        let (calls, host_calls, open) = (Mutex::default(), AtomicU64::new(0), AtomicUsize::new(0));
        let last_error = Mutex::default();
        Self { id, shared: Arc::new(Shared { calls, bounds, hits, host_calls, open, last_error }) }
    }

    /// The instance came up against it.
    pub fn hit(&self, limit: Limit) {
        self.shared.hits.hit(limit);
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

    /// It logged an error: maybe its last words. `line` is fit to be shown.
    pub fn logged_error(&self, line: &str) {
        let said = Some((Instant::now(), line.to_owned()));
        *self.shared.last_error.lock().unwrap_or_else(PoisonError::into_inner) = said;
    }

    /// The error that it logged last, if that was just now. It is told once.
    pub fn last_words(&self) -> Option<String> {
        let (at, line) = self.shared.last_error.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        (at.elapsed() <= JUST_NOW).then_some(line)
    }

    /// Host calls made so far.
    pub fn host_calls(&self) -> u64 {
        self.shared.host_calls.load(Relaxed)
    }

    fn call_of(&self, task: Option<GuestTaskId>) -> Option<Arc<Call>> {
        self.lock().get(&task?).cloned()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<GuestTaskId, Arc<Call>>> {
        self.shared.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A host call that was let in: whose it is, and its span.
pub struct Pass {
    /// `None`: not from a handler (`start`, `stop`, or a task that outlived its handler).
    pub call: Option<Arc<Call>>,
    pub span: Span,
    shared: Arc<Shared>,
}

impl Drop for Pass {
    fn drop(&mut self) {
        self.shared.open.fetch_sub(1, Relaxed);
    }
}

impl Pass {
    /// Lets a host call in. To be called before the host call's first await: only then does wasmtime know which
    /// handler is calling.
    ///
    /// # Errors
    /// [`OverLimit::HostCalls`], to be passed on: it ends the instance.
    pub fn enter<C: Capability, T>(
        access: &mut Access<'_, T, Has<C>>,
        operation: &'static str,
    ) -> Trappable<Self> {
        let task = access.as_context_mut().async_call_stack().ok().and_then(Iterator::last);
        let caller = access.get().caller;
        let shared = caller.shared.clone();
        shared.host_calls.fetch_add(1, Relaxed);
        let open = shared.open.fetch_add(1, Relaxed);
        let call = caller.call_of(task);
        let event = call.as_ref().map(|call| call.order);
        let span = debug_span!("host_call", room = C::NAME, operation, connector = %caller.id, event);
        let pass = Self { call, span, shared };
        if open >= pass.shared.bounds.at_once {
            return Err(OverLimit::HostCalls.into());
        }
        Ok(pass)
    }

    /// [`enter`](Self::enter) from an async host function.
    ///
    /// # Errors
    /// As [`enter`](Self::enter).
    pub fn of<C: Capability, T>(accessor: &Accessor<T, Has<C>>, operation: &'static str) -> Trappable<Self> {
        accessor.with(|mut access| Self::enter::<C, T>(&mut access, operation))
    }

    /// The instance came up against it.
    pub fn hit(&self, limit: Limit) {
        self.shared.hits.hit(limit);
    }

    /// Waits for the call or for the end of its handler's time.
    ///
    /// # Errors
    /// [`Late`]; the call was dropped.
    pub async fn wait<F: Future>(&self, call: F) -> Result<F::Output, Late> {
        let late = async {
            match &self.call {
                Some(call) => call.late.cancelled().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            answer = call.instrument(self.span.clone()) => Ok(answer),
            () = late => Err(Late),
            () = tokio::time::sleep(self.shared.bounds.longest) => {
                self.hit(Limit::HostCallTime);
                Err(Late)
            }
        }
    }
}
