//! The child process in which untrusted components are compiled and asked who they are: both of its sides.
use crate::descriptor;
use anyhow::Context;
use artifact::{Bounds, Fault, Name, Workers};
use config::CompilerSettings;
use engine::Ticker;
use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

/// The first argument of a child. Not a subcommand for people: nobody else says it.
pub const WORKER: &str = "worker";

/// The parent's side.
pub fn children(compiler: CompilerSettings) -> anyhow::Result<Workers> {
    let CompilerSettings { seconds, memory_mib, at_once, .. } = compiler;
    let bounds = Bounds {
        time: Duration::from_secs(seconds.into()),
        memory_bytes: u64::from(memory_mib) << 20,
        at_once: at_once as usize,
    };
    let program = artifact::this_program().context("cannot tell which program this is")?;
    Ok(Workers::new(program, vec![WORKER.into()], bounds))
}

pub fn describe(folder: &Path, name: &Name) -> [OsString; 3] {
    ["describe".into(), folder.into(), name.to_string().into()]
}

/// The child's side, with what follows [`WORKER`].
pub fn serve(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    artifact::serve(arguments, |job| {
        let engine = engine::engine().map_err(|error| Fault::Worker(format!("{error:#}")))?;
        match job {
            [what] if what == "compile" => artifact::compile(&engine, &artifact::input()?),
            [what, folder, name] if what == "describe" => ask(&engine, Path::new(folder), name),
            _ => Err(Fault::Worker("no such job".into())),
        }
    })
}

fn ask(engine: &wasmtime::Engine, folder: &Path, name: &OsStr) -> Result<Vec<u8>, Fault> {
    let broken = |error: &dyn std::fmt::Display| Fault::Worker(error.to_string());
    let name: Name = name.to_str().and_then(|name| name.parse().ok()).ok_or_else(|| broken(&"no name"))?;
    let component = artifact::load(folder, engine, &name).map_err(|error| broken(&error))?;
    let _ticker = Ticker::start(engine).map_err(|error| broken(&error))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    let runtime = runtime.map_err(|error| broken(&error))?;
    let said = runtime.block_on(engine::describe(engine, &component, descriptor::limits()));
    let said = said.map_err(|failure| Fault::Component(failure.to_string()))?;
    serde_json::to_vec(&said).map_err(|error| broken(&error))
}
