//! The child's side.
use crate::confine::{Limits, confine};
use crate::workers::REFUSED;
use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::process::ExitCode;
use std::time::Duration;
use wasmtime::Engine;

/// Why a child has no answer.
#[derive(Debug, PartialEq, Eq)]
pub enum Fault {
    /// The component's: told to people as it is, and so is the child's verdict.
    Component(String),
    /// Ours, or this machine's.
    Worker(String),
}

/// All that a child does. Call it first in `main`, before there is any other thread, with the arguments that follow those
/// given to [`Workers::new`](crate::Workers::new): it takes its limits from them, then has `work` do the job that the
/// rest names.
pub fn serve(
    arguments: impl IntoIterator<Item = OsString>,
    work: impl FnOnce(&[OsString]) -> Result<Vec<u8>, Fault>,
) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    answer(limits(&arguments).and_then(|(limits, job)| {
        confine(limits).map_err(|error| Fault::Worker(format!("no limits can be set: {error}")))?;
        work(job)
    }))
}

/// What the parent wants done: all of it.
///
/// # Errors
/// [`Fault::Worker`] when the pipe breaks.
pub fn input() -> Result<Vec<u8>, Fault> {
    let mut bytes = Vec::new();
    io::stdin()
        .lock()
        .read_to_end(&mut bytes)
        .map_err(|error| Fault::Worker(format!("no input: {error}")))?;
    Ok(bytes)
}

/// The job `compile`: from a component to its artefact. Runs nothing of it.
///
/// # Errors
/// [`Fault::Component`] with wasmtime's reasons.
pub fn compile(engine: &Engine, wasm: &[u8]) -> Result<Vec<u8>, Fault> {
    engine.precompile_component(wasm).map_err(|error| Fault::Component(format!("{error:#}")))
}

fn answer(result: Result<Vec<u8>, Fault>) -> ExitCode {
    let (code, bytes) = match result {
        Ok(bytes) => (ExitCode::SUCCESS, bytes),
        Err(Fault::Component(why)) => (ExitCode::from(REFUSED), why.into_bytes()),
        Err(Fault::Worker(why)) => {
            eprintln!("{why}");
            return ExitCode::FAILURE;
        }
    };
    let mut out = io::stdout().lock();
    match out.write_all(&bytes).and_then(|()| out.flush()) {
        Ok(()) => code,
        Err(_) => ExitCode::FAILURE,
    }
}

fn limits(arguments: &[OsString]) -> Result<(Limits, &[OsString]), Fault> {
    let number = |text: &OsString| text.to_str()?.parse::<u64>().ok();
    let read = || {
        let ([time_ms, memory_bytes], job) = arguments.split_first_chunk()?;
        let time = Duration::from_millis(number(time_ms)?);
        Some((Limits { time, memory_bytes: number(memory_bytes)? }, job))
    };
    read().ok_or_else(|| Fault::Worker("a worker is started by the runtime, not by hand".into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_come_before_the_job() {
        let arguments = ["1500", "64", "compile", "it"].map(OsString::from);
        let (limits, job) = limits(&arguments).unwrap();
        assert_eq!((limits.time, limits.memory_bytes), (Duration::from_millis(1500), 64));
        assert_eq!(job, ["compile", "it"]);
    }

    #[test]
    fn without_limits_there_is_no_job() {
        for bad in [&[][..], &["compile"], &["1500"], &["x", "64"], &["1500", "-1", "compile"]] {
            let bad: Vec<OsString> = bad.iter().map(OsString::from).collect();
            assert!(matches!(limits(&bad), Err(Fault::Worker(_))), "{bad:?}");
        }
    }
}
