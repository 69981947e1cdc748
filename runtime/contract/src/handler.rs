//! Starting a handler and waiting for it are two steps: the first keeps the order, the second overlaps.
use crate::types::{Disposition, Event};
use std::future::Future;
use std::pin::Pin;
use wasmtime::Result;
use wasmtime::component::{Accessor, ComponentNamedList, Func, GuestTaskId, Lift, Lower, TypedFunc};

pub type Running<'a> = Pin<Box<dyn Future<Output = Result<Disposition>> + Send + 'a>>;

pub type Handled<'a> = Result<Delivery<'a>>;

/// What became of an event on its way into the guest.
pub enum Delivery<'a> {
    Started(Started<'a>),
    /// The component has no handler for it.
    NoHandler,
    /// Nobody waits for it any more: what it came from was closed, or its caller has gone. It is forgotten.
    Stale,
}

/// What the engine says of a delivery.
#[derive(Clone, Copy, Debug)]
pub struct Stamp {
    pub order: u64,
    pub attempt: u32,
}

impl Stamp {
    /// For the guest; the sequence is the room's.
    pub fn event(self, sequence: u64) -> Event {
        Event { order: self.order, sequence, attempt: self.attempt }
    }
}

pub struct Started<'a> {
    /// As the WIT names it, such as `on-message`.
    pub handler: &'static str,
    /// The handler: the engine asks by it whether the guest takes another call now.
    pub func: Func,
    /// Finds the guilty event again when the instance traps.
    pub task: GuestTaskId,
    pub done: Running<'a>,
}

/// Queues the call into the guest now; the guest runs when the event loop gets to it.
pub fn start<'a, T, P>(
    handler: &'static str,
    func: TypedFunc<P, (Disposition,)>,
    accessor: &'a Accessor<T>,
    params: P,
) -> Handled<'a>
where
    T: Send + 'static,
    P: ComponentNamedList + Lower + Send + Sync + 'static,
{
    start_with(handler, func, accessor, params, |disposition| disposition)
}

/// Like [`start`], for a handler that answers something else: `judge` uses the answer and makes a disposition of it.
pub fn start_with<'a, T, P, R>(
    handler: &'static str,
    func: TypedFunc<P, (R,)>,
    accessor: &'a Accessor<T>,
    params: P,
    judge: impl FnOnce(R) -> Disposition + Send + 'a,
) -> Handled<'a>
where
    T: Send + 'static,
    P: ComponentNamedList + Lower + Send + Sync + 'static,
    R: Send + Sync + 'static,
    (R,): ComponentNamedList + Lift,
{
    let entry = *func.func();
    let call = accessor.with(|store| func.start_call_concurrent(store, params))?;
    let task = call.task();
    let done = async move { Ok(judge(func.finish_call_concurrent(accessor, call).await?.0)) };
    Ok(Delivery::Started(Started { handler, func: entry, task, done: Box::pin(done) }))
}
