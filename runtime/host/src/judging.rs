//! From files to a judgement, with nothing started: what `run`, `check` and `approve` begin with.
use crate::components::{Loading, Refused, Shelf, Workshop};
use crate::plan::{self, Plan};
use crate::state_dir;
use anyhow::bail;
use config::{Approvals, Config, Problem, Report};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

/// Read where there is one and the command line names none.
const DEFAULT_CONFIG: &str = "runtime.toml";

pub struct Judged {
    pub plan: Plan,
    pub refused: Vec<Refused>,
}

/// Compiles anew and writes nothing: it may be done beside a runtime that runs.
///
/// # Errors
/// What cannot be read or is no connector; inside, what is wrong in the configuration.
pub async fn judge(
    config: Option<&Path>,
    state: &Path,
    components: &[PathBuf],
) -> anyhow::Result<Result<Judged, Report>> {
    let config = match read(config) {
        Ok(config) => config,
        Err(report) => return Ok(Err(report)),
    };
    let workshop = Workshop::open(None, config.compiler())?;
    let Shelf { connectors, refused } = Loading::begin(Arc::new(workshop), components).shelf(None).await?;
    let approvals = Approvals::read(&state_dir::approvals(state))?;
    let planned = plan::plan(&config, &connectors, refused.len(), &approvals);
    Ok(planned.map(|plan| Judged { plan, refused }))
}

pub fn read(given: Option<&Path>) -> Result<Config, Report> {
    match given {
        Some(path) => Config::read(path),
        None if Path::new(DEFAULT_CONFIG).exists() => Config::read(Path::new(DEFAULT_CONFIG)),
        None => Ok(Config::empty()),
    }
}

/// Shows what is wrong.
pub fn refuse(problems: &[Problem]) -> anyhow::Result<ExitCode> {
    problems.iter().for_each(|problem| err!("{problem}\n"));
    bail!("{} in the configuration; nothing was started", count(problems.len(), "problem"));
}

pub fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}
