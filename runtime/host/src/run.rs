//! `runtime run`: from the command line to running instances, and back.
use crate::agent;
use crate::cli::Run;
use crate::components::{self, Connector, Workshop};
use crate::control::morgue::Morgue;
use crate::control::server::{Desk, Server};
use crate::house::House;
use crate::plan::{self, Plan};
use crate::state_dir::{StateDir, control_socket};
use crate::supervisor::Supervisor;
use crate::telemetry;
use anyhow::{Context, bail};
use config::{Config, Options, Report};
use egress::{Dialer, Roots};
use journal::Sqlite;
use ports::journal::{Batch, Journal};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing::{info, warn};

/// Read where there is one and the command line names none.
const DEFAULT_CONFIG: &str = "runtime.toml";

/// As shells count an end by SIGINT.
const INTERRUPTED: u8 = 130;

pub async fn run(asked: Run) -> anyhow::Result<ExitCode> {
    telemetry::init();
    let mut signals = Signals::new()?;
    let preparing = prepare(&asked);
    let prepared = tokio::select! {
        prepared = preparing => prepared?,
        () = signals.next() => return Ok(ExitCode::from(INTERRUPTED)),
    };
    let Prepared { state, disk, connectors, plan } = match prepared {
        Ok(prepared) => prepared,
        Err(Report(problems)) => {
            problems.iter().for_each(|problem| eprintln!("{problem}\n"));
            bail!("{} in the configuration; nothing was started", count(problems.len(), "problem"));
        }
    };
    let (supervisor, server) = start(&asked.state.folder, &connectors, plan, disk.clone()).await?;
    signals.next().await;
    info!("stopping; once more ends at once");
    tokio::select! {
        () = supervisor.stop() => {}
        () = signals.next() => {
            warn!("ended at once");
            return Ok(ExitCode::from(INTERRUPTED));
        }
    }
    drop(server);
    // What the last handlers answered was queued before this, so it is on disk after it.
    if let Err(error) = disk.append(Batch::default()).await {
        warn!(%error, "what was answered last may be told again");
    }
    drop(state);
    info!("stopped");
    Ok(ExitCode::SUCCESS)
}

struct Prepared {
    state: StateDir,
    disk: Arc<Sqlite>,
    connectors: BTreeMap<String, Connector>,
    plan: Plan,
}

/// Everything before the first instance. What is wrong in the configuration is told apart from what else fails.
async fn prepare(asked: &Run) -> anyhow::Result<Result<Prepared, Report>> {
    let config = match read(asked.config.as_deref()) {
        Ok(config) => config,
        Err(report) => return Ok(Err(report)),
    };
    let state = StateDir::lock(&asked.state.folder)?;
    let disk = Arc::new(state.journal()?);
    let workshop = Arc::new(Workshop::open(Some(&state.artifacts()), plan::engine_limits(&config.limits))?);
    let connectors = components::load(workshop, &asked.components).await?;
    let options = Options { grant_requested: asked.grant_requested };
    let planned = plan::plan(&config, &connectors, options);
    Ok(planned.map(|plan| Prepared { state, disk, connectors, plan }))
}

fn read(given: Option<&Path>) -> Result<Config, Report> {
    match given {
        Some(path) => Config::read(path),
        None if Path::new(DEFAULT_CONFIG).exists() => Config::read(Path::new(DEFAULT_CONFIG)),
        None => Ok(Config::empty()),
    }
}

async fn start(
    folder: &Path,
    connectors: &BTreeMap<String, Connector>,
    plan: Plan,
    disk: Arc<Sqlite>,
) -> anyhow::Result<(Supervisor, Server)> {
    for warning in &plan.warnings {
        warn!("{warning}");
    }
    for missing in &plan.missing {
        warn!(connector = %missing.id, "not configured:\n{}", missing.what.join("\n"));
    }
    if plan.start.is_empty() {
        bail!("no instance is configured, so there is nothing to run");
    }
    let dialer = Arc::new(Dialer::new(Roots::public()));
    let backend = agent::backend(plan.agent, dialer.clone())?;
    let house = House::new(dialer, backend, disk.clone());
    let mut supervisor = Supervisor::new(house, disk.clone());
    let started = plan.start.len();
    supervisor.recover(plan.start.iter().map(|(_, start)| &start.admission.id)).await?;
    for (id, start) in plan.start {
        let connector = connectors.get(&id).context("a plan names only what was loaded")?;
        supervisor.start(&connector.loaded, start);
    }
    let view = supervisor.view();
    let desk = Desk {
        morgue: Morgue::new(disk.clone(), Some(view.clone())),
        disk,
        view,
        calls: supervisor.house.tools.calls.clone(),
        outbox: supervisor.house.agent.outbox.clone(),
        missing: plan.missing.iter().map(plan::Missing::as_json).collect(),
        started: Instant::now(),
    };
    let server = Server::listen(control_socket(folder), desk)?;
    info!("running {}; Ctrl-C stops", count(started, "instance"));
    Ok((supervisor, server))
}

fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// What asks the process to end.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    fn new() -> anyhow::Result<Self> {
        let listen = |kind| signal(kind).context("cannot listen for signals");
        Ok(Self { interrupt: listen(SignalKind::interrupt())?, terminate: listen(SignalKind::terminate())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
