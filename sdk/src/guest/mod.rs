//! The wasm side: the component's exports and imports. Public for the macro's sake only.

pub mod bindings;
pub(crate) mod calls;
mod convert;
pub mod exports;

use crate::running::Running;
use crate::{Connector, log};
use std::cell::OnceCell;
use std::rc::Rc;
use std::thread::LocalKey;
use std::time::Duration;

/// The one connector of this component instance, once it has started.
pub type Cell<C> = OnceCell<Rc<Running<C>>>;

pub fn describe<C: Connector>() -> exports::Descriptor {
    C::describe().into()
}

pub async fn start<C: Connector>(
    cell: &'static LocalKey<Cell<C>>,
    instance: exports::Instance,
    config: String,
) -> Result<(), exports::StartError> {
    std::panic::set_hook(Box::new(|panic| log::write(log::Level::Error, &panic.to_string(), &[])));
    let running = Running::start(instance.into(), &config).await?;
    cell.with(|cell| assert!(cell.set(running).is_ok(), "start was called twice on one instance"));
    Ok(())
}

pub async fn stop<C: Connector>(cell: &'static LocalKey<Cell<C>>, reason: exports::StopReason) {
    running(cell).stop(reason.into()).await;
}

/// # Panics
/// When the host delivers before `start` has returned, which the contract forbids.
pub fn running<C>(cell: &'static LocalKey<Cell<C>>) -> Rc<Running<C>> {
    cell.with(|cell| cell.get().expect("called before start had returned").clone())
}

pub fn from_millis(ms: u32) -> Duration {
    Duration::from_millis(ms.into())
}
