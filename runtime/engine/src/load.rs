//! A component, linked and looked through once.
use crate::bindings::LifecycleRoomIndices;
use crate::{Commons, Shell, wasi};
use contract::CapabilitySet;
use ports::log_budget::printable;
use std::sync::Arc;
use wasmtime::component::{Component, InstancePre, Linker};
use wasmtime::{Config, Engine, Result, WasmFeatures};

/// The package whose interfaces a connector may import and export.
const PACKAGE: &str = "connector:runtime/";

/// As [`PACKAGE`], for any version.
const OTHER_LIFECYCLE: &str = "connector:runtime/lifecycle@";

/// The stack of a guest, in bytes. Address space only, until it is used.
const STACK_BYTES: usize = 1 << 20;

/// The one way in which guests are compiled and run. A change of it makes every cached artefact useless.
///
/// # Errors
/// When this machine cannot run guests.
pub fn engine() -> Result<Engine> {
    let mut config = Config::new();
    config.wasm_component_model(true).wasm_component_model_async(true);
    refuse_other_features(&mut config);
    config.epoch_interruption(true);
    config.async_stack_size(STACK_BYTES).max_wasm_stack(STACK_BYTES / 2);
    Engine::new(&config)
}

/// What compilers for connectors need of WebAssembly. Everything else is refused by name, so that an upgrade of wasmtime
/// turns nothing on. `GC` above all: with it types have subtypes, and calling one of those ends the whole process in a
/// wasmtime that was built without its collector.
const FEATURES: &[WasmFeatures] = &[
    WasmFeatures::MUTABLE_GLOBAL,
    WasmFeatures::SATURATING_FLOAT_TO_INT,
    WasmFeatures::SIGN_EXTENSION,
    WasmFeatures::REFERENCE_TYPES,
    WasmFeatures::CALL_INDIRECT_OVERLONG,
    WasmFeatures::MULTI_VALUE,
    WasmFeatures::BULK_MEMORY,
    WasmFeatures::BULK_MEMORY_OPT,
    WasmFeatures::SIMD,
    WasmFeatures::FLOATS,
    WasmFeatures::EXTENDED_CONST,
    WasmFeatures::TAIL_CALL,
    // Between the parts of a component; how many memories there may be is a limit of its own.
    WasmFeatures::MULTI_MEMORY,
    WasmFeatures::COMPONENT_MODEL,
    WasmFeatures::CM_ASYNC,
];

fn refuse_other_features(config: &mut Config) {
    let wanted = FEATURES.iter().fold(WasmFeatures::empty(), |all, feature| all | *feature);
    config.wasm_features(WasmFeatures::all().difference(wanted), false);
}

#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    #[error("it imports {} which no connector may have; connectors import {PACKAGE}* and what a standard library needs of WASI", few(.0))]
    Imports(Vec<String>),
    #[error("it exports no {PACKAGE}lifecycle: it is not a connector")]
    NotAConnector,
    #[error("it was built for {0}; this runtime has {PACKAGE}lifecycle@{version}", version = env!("CARGO_PKG_VERSION"))]
    OtherVersion(String),
    #[error("it does not fit this runtime's interfaces")]
    Mismatch(#[source] wasmtime::Error),
}

/// Names that the component chose: some of them, and none too long.
fn few(names: &[String]) -> String {
    let shown: Vec<String> = names.iter().take(MOST_NAMES).map(|name| printable(name, NAME_BYTES)).collect();
    match names.len().checked_sub(MOST_NAMES) {
        Some(more @ 1..) => format!("{} and {more} more,", shown.join(", ")),
        _ => shown.join(", "),
    }
}

const MOST_NAMES: usize = 4;
const NAME_BYTES: usize = 128;

/// The names of the instances that a component imports, such as `connector:runtime/http@0.1.0`.
pub fn imports(engine: &Engine, component: &Component) -> Vec<String> {
    component.component_type().imports(engine).map(|(name, _)| name.to_owned()).collect()
}

/// Looks at the names of what it imports and exports.
///
/// # Errors
/// [`LoadError::Imports`] and [`LoadError::NotAConnector`].
fn is_connector(engine: &Engine, component: &Component) -> Result<(), LoadError> {
    let foreign: Vec<String> =
        imports(engine, component).into_iter().filter(|name| !is_known(name)).collect();
    if !foreign.is_empty() {
        return Err(LoadError::Imports(foreign));
    }
    let lifecycle = format!("{PACKAGE}lifecycle@{}", env!("CARGO_PKG_VERSION"));
    if component.get_export_index(None, &lifecycle).is_some() {
        return Ok(());
    }
    let exports = component.component_type();
    let other = exports.exports(engine).find(|(name, _)| name.starts_with(OTHER_LIFECYCLE));
    Err(match other {
        Some((name, _)) => LoadError::OtherVersion(printable(name, NAME_BYTES)),
        None => LoadError::NotAConnector,
    })
}

pub struct Loaded<S: CapabilitySet> {
    pub(crate) engine: Engine,
    pub(crate) commons: Arc<Commons>,
    pub(crate) pre: InstancePre<Shell<S>>,
    pub(crate) indices: S::Indices,
    pub(crate) lifecycle: LifecycleRoomIndices,
}

impl<S: CapabilitySet> Loaded<S> {
    /// Whether it has the handlers of this interface of ours, such as `agent-handler`.
    pub fn exports(&self, interface: &str) -> bool {
        contract::exported(&self.pre, interface)
    }

    /// # Errors
    /// [`LoadError`], naming what the component has or lacks.
    pub fn new(engine: &Engine, commons: Arc<Commons>, component: &Component) -> Result<Self, LoadError> {
        is_connector(engine, component)?;
        let mut linker = Linker::<Shell<S>>::new(engine);
        wasi::link(&mut linker).map_err(LoadError::Mismatch)?;
        S::link(&mut linker).map_err(LoadError::Mismatch)?;
        let pre = linker.instantiate_pre(component).map_err(LoadError::Mismatch)?;
        let indices = S::indices(&pre).map_err(LoadError::Mismatch)?;
        let lifecycle = LifecycleRoomIndices::new(&pre).map_err(LoadError::Mismatch)?;
        Ok(Self { engine: engine.clone(), commons, pre, indices, lifecycle })
    }
}

fn is_known(import: &str) -> bool {
    let name = import.split('@').next().unwrap_or(import);
    name.starts_with(PACKAGE) || wasi::LINKED.contains(&name)
}
