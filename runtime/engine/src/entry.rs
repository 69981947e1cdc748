//! When a handler that was started has been entered.
//!
//! wasmtime queues a started call behind what else is to be run, and calls that find the guest blocked may later begin
//! in another order. So only one call is ever on its way in.
use std::future::poll_fn;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;
use wasmtime::Result;
use wasmtime::component::{Accessor, AccessorTask, Func, HasSelf};

/// A handler on its way in.
pub(crate) struct Entry {
    func: Func,
    begun: Instant,
    /// Tells when the queue has been worked off up to the call.
    behind: Option<oneshot::Receiver<()>>,
}

/// Queued behind the call: when it runs, the call has run up to its first wait, or found the guest blocked.
struct Behind(oneshot::Sender<()>);

impl<T: Send + 'static> AccessorTask<T, HasSelf<T>> for Behind {
    async fn run(self, _: &Accessor<T>) -> Result<()> {
        let _ = self.0.send(());
        Ok(())
    }
}

impl Entry {
    /// To be called right after the call was started.
    pub(crate) fn of<T: Send + 'static>(func: Func, accessor: &Accessor<T>) -> Result<Self> {
        let (sender, behind) = oneshot::channel();
        accessor.spawn(Behind(sender))?;
        Ok(Self { func, begun: Instant::now(), behind: Some(behind) })
    }

    pub(crate) fn begun(&self) -> Instant {
        self.begun
    }

    /// How long the guest has not taken it, or no other after it.
    pub(crate) fn age(&self) -> Duration {
        self.begun.elapsed()
    }

    /// Waits until the call is in and the guest would take another. Cancel safe; `None` never ends.
    pub(crate) async fn passed<T: Send + 'static>(entry: &mut Option<Self>, accessor: &Accessor<T>) {
        let Some(entry) = entry else { return std::future::pending().await };
        if let Some(behind) = &mut entry.behind {
            let _ = behind.await;
            entry.behind = None;
        }
        poll_fn(|context| accessor.poll_ready_for_concurrent_call(entry.func, context)).await;
    }
}
