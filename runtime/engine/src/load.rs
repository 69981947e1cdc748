//! A component, linked and looked through once.
use crate::bindings::LifecycleRoomIndices;
use crate::{Shell, wasi};
use contract::CapabilitySet;
use std::sync::Arc;
use tokio::sync::Semaphore;
use wasmtime::component::{Component, InstancePre, Linker};
use wasmtime::{Config, Engine, Result};

/// The package whose interfaces a connector may import and export.
const PACKAGE: &str = "connector:runtime/";

/// The stack of a guest, in bytes. Address space only, until it is used.
const STACK_BYTES: usize = 1 << 20;

/// The one way in which guests are compiled and run. A change of it makes every cached artefact useless.
///
/// # Errors
/// When this machine cannot run guests.
pub fn engine() -> Result<Engine> {
    let mut config = Config::new();
    config.wasm_component_model(true).wasm_component_model_async(true);
    config.epoch_interruption(true);
    config.async_stack_size(STACK_BYTES).max_wasm_stack(STACK_BYTES / 2);
    Engine::new(&config)
}

#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    #[error("it imports {} which no connector may have; connectors import {PACKAGE}* and what a standard library needs of WASI", .0.join(", "))]
    Imports(Vec<String>),
    #[error(
        "it exports no {PACKAGE}lifecycle: it is not a connector, or was built for another version of the runtime"
    )]
    NotAConnector,
    #[error("it does not fit this runtime's interfaces")]
    Mismatch(#[source] wasmtime::Error),
}

/// The names of the instances that a component imports, such as `connector:runtime/http@0.1.0`.
pub fn imports(engine: &Engine, component: &Component) -> Vec<String> {
    component.component_type().imports(engine).map(|(name, _)| name.to_owned()).collect()
}

pub struct Loaded<S: CapabilitySet> {
    pub(crate) engine: Engine,
    /// Places for guests that need the CPU for long, shared by all components of a host.
    pub(crate) overtime: Arc<Semaphore>,
    pub(crate) pre: InstancePre<Shell<S>>,
    pub(crate) indices: S::Indices,
    pub(crate) lifecycle: LifecycleRoomIndices,
}

impl<S: CapabilitySet> Loaded<S> {
    /// # Errors
    /// [`LoadError`], naming what the component has or lacks.
    pub fn new(engine: &Engine, overtime: Arc<Semaphore>, component: &Component) -> Result<Self, LoadError> {
        let foreign: Vec<String> =
            imports(engine, component).into_iter().filter(|name| !is_known(name)).collect();
        if !foreign.is_empty() {
            return Err(LoadError::Imports(foreign));
        }
        let mut linker = Linker::<Shell<S>>::new(engine);
        wasi::link(&mut linker).map_err(LoadError::Mismatch)?;
        S::link(&mut linker).map_err(LoadError::Mismatch)?;
        let pre = linker.instantiate_pre(component).map_err(LoadError::Mismatch)?;
        let lifecycle = format!("{PACKAGE}lifecycle@{}", env!("CARGO_PKG_VERSION"));
        if component.get_export_index(None, &lifecycle).is_none() {
            return Err(LoadError::NotAConnector);
        }
        let indices = S::indices(&pre).map_err(LoadError::Mismatch)?;
        let lifecycle = LifecycleRoomIndices::new(&pre).map_err(LoadError::Mismatch)?;
        Ok(Self { engine: engine.clone(), overtime, pre, indices, lifecycle })
    }
}

fn is_known(import: &str) -> bool {
    let name = import.split('@').next().unwrap_or(import);
    name.starts_with(PACKAGE) || wasi::LINKED.contains(&name)
}
