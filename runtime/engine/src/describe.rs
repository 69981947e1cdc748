//! Asks an untrusted component who it is, with every import a trap and nothing but memory and CPU to spend.
use crate::bindings::LifecycleRoomIndices;
use crate::cpu::{Budget, Share};
use crate::limits::Limits;
use crate::walls::Meter;
use crate::{Descriptor, Failure};
use std::cell::Cell;
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use wasmtime::component::{Component, Linker};
use wasmtime::{Engine, Store};

/// Bounded by `limits`: its memory, its CPU, and `limits.start` of wall time.
///
/// # Errors
/// Why the component could not say who it is.
pub async fn describe(
    engine: &Engine,
    component: &Component,
    limits: Limits,
) -> Result<Descriptor, Undescribed> {
    let door = Cell::new("instantiation");
    let asked = timeout(limits.start, ask(engine, component, limits, &door)).await;
    let failure = match asked {
        Ok(Ok(descriptor)) => return Ok(descriptor),
        Ok(Err(error)) => Failure::of(&error),
        Err(_) => Failure::Deadline,
    };
    Err(Undescribed { door: door.get(), failure })
}

/// Why there is no description, and where it ended: before the first call, or in it.
#[derive(Debug, thiserror::Error)]
#[error("{door}: {failure}")]
pub struct Undescribed {
    pub door: &'static str,
    pub failure: Failure,
}

async fn ask(
    engine: &Engine,
    component: &Component,
    limits: Limits,
    door: &Cell<&'static str>,
) -> wasmtime::Result<Descriptor> {
    let mut linker = Linker::new(engine);
    linker.define_unknown_imports_as_traps(component)?;
    let mut store = Store::new(engine, Meter::new(limits.walls, Arc::default()));
    store.limiter(|meter| meter);
    store.set_hostcall_fuel(limits.walls.host_call_bytes);
    let budget = Budget::new(limits.cpu, Arc::new(Semaphore::new(1)), Share::new(100, Arc::default()));
    budget.guard(&mut store);
    let pre = linker.instantiate_pre(component)?;
    let asked = async {
        let instance = pre.instantiate_async(&mut store).await?;
        door.set("describe");
        let guest = LifecycleRoomIndices::new(&pre)?.load(&mut store, &instance)?;
        guest.connector_runtime_lifecycle().call_describe(&mut store).await
    };
    budget.stepping(asked).await
}
