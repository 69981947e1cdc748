//! Asks an untrusted component who it is, with every import a trap and nothing but memory and CPU to spend.
use crate::bindings::LifecycleRoomIndices;
use crate::cpu::{Budget, Share};
use crate::limits::Limits;
use crate::walls::Meter;
use crate::{Descriptor, Failure};
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use wasmtime::component::{Component, Linker};
use wasmtime::{Engine, Store};

/// Bounded by `limits`: its memory, its CPU, and `limits.start` of wall time.
///
/// # Errors
/// Why the component could not say who it is.
pub async fn describe(engine: &Engine, component: &Component, limits: Limits) -> Result<Descriptor, Failure> {
    let asked = timeout(limits.start, ask(engine, component, limits)).await.map_err(|_| Failure::Deadline)?;
    asked.map_err(|error| Failure::of(&error))
}

async fn ask(engine: &Engine, component: &Component, limits: Limits) -> wasmtime::Result<Descriptor> {
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
        let guest = LifecycleRoomIndices::new(&pre)?.load(&mut store, &instance)?;
        guest.connector_runtime_lifecycle().call_describe(&mut store).await
    };
    budget.stepping(asked).await
}
