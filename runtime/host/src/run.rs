//! `runtime run`: from the command line to running instances, and back.
use crate::approve::{self, Yes};
use crate::cli::Run;
use crate::components::{Loading, Refused, Shelf, Workshop};
use crate::control::morgue::Morgue;
use crate::control::notices::Notices;
use crate::control::server::{Desk, FOLLOWERS, Server, TOOL_CALLS};
use crate::furnish::Stock;
use crate::house::House;
use crate::judging::{self, count};
use crate::late::Late;
use crate::metrics::Metrics;
use crate::offering::{self, Catalogue, Sets};
use crate::plan::{self, Missing, Plan};
use crate::state_dir::{self, StateDir, control_socket};
use crate::supervisor::Supervisor;
use crate::ways::Ways;
use crate::{agent, capacity, keys};
use anyhow::{Context, bail};
use board::Board;
use config::{Approvals, Config, Report};
use engine::{Commons, Ticker};
use journal::Sqlite;
use keyring::Ring;
use ports::journal::{Batch, Journal};
use ports::keys::KeyRing;
use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};
use telemetry::{Endpoint, Logs};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tracing::{info, warn};

/// For an answer at the terminal, while other instances wait.
const ANSWER_WITHIN: Duration = Duration::from_secs(60);

/// For those who follow the log to take its last lines.
const LAST_WORDS_WITHIN: Duration = Duration::from_secs(1);

/// As shells count an end by SIGINT.
const INTERRUPTED: u8 = 130;

pub async fn run(asked: Run) -> anyhow::Result<ExitCode> {
    let logs = telemetry::init();
    capacity::open_as_many_files_as_allowed();
    let _closing = logs.closing();
    let mut signals = Signals::new()?;
    let preparing = prepare(&asked);
    let prepared = tokio::select! {
        prepared = preparing => prepared?,
        () = signals.next() => return Ok(ExitCode::from(INTERRUPTED)),
    };
    let Prepared { state, disk, ring, ticker, commons, config, loading, shelf, plan } = match prepared {
        Ok(prepared) => prepared,
        Err(Report(problems)) => return judging::refuse(&problems),
    };
    let open = Open { disk: disk.clone(), ring, ticker, commons, logs: logs.clone() };
    let (mut supervisor, doors, stock) = start(&asked.state.folder, &shelf, plan, open).await?;
    let notices = doors.notices.clone();
    notices.prepares(loading.left());
    let known = shelf.connectors.into_keys().collect();
    let (folder, approves) = (asked.state.folder.clone(), asked.grant_requested);
    let mut late = Late { loading, config, folder, stock, notices, known, approves };
    loop {
        tokio::select! {
            () = signals.next() => break,
            made = late.next() => late.join(&mut supervisor, made).await,
        }
    }
    drop(late);
    info!("stopping; once more ends at once");
    tokio::select! {
        () = supervisor.stop() => {}
        () = signals.next() => {
            warn!("ended at once");
            return Ok(ExitCode::from(INTERRUPTED));
        }
    }
    // What the last handlers answered was queued before this, so it is on disk after it.
    if let Err(error) = disk.append(Batch::default()).await {
        warn!(%error, "what was answered last may be told again");
    }
    let followers = doors.followers.clone();
    // Before the lock: the next runtime here has a socket of the same name.
    drop(doors);
    drop(state);
    info!("stopped");
    logs.close();
    // Those who followed the log hear that this is its end.
    let _ = timeout(LAST_WORDS_WITHIN, followers.acquire_many(FOLLOWERS as u32)).await;
    Ok(ExitCode::SUCCESS)
}

struct Prepared {
    state: StateDir,
    disk: Arc<Sqlite>,
    ring: Arc<Ring>,
    ticker: Ticker,
    commons: Arc<Commons>,
    config: Config,
    /// Those that are not ready yet.
    loading: Loading,
    shelf: Shelf,
    plan: Plan,
}

/// Everything before the first instance. What is wrong in the configuration is told apart from what else fails.
async fn prepare(asked: &Run) -> anyhow::Result<Result<Prepared, Report>> {
    let config = match judging::read(asked.config.as_deref()) {
        Ok(config) => config,
        Err(report) => return Ok(Err(report)),
    };
    let folder = &asked.state.folder;
    let state = StateDir::lock(folder)?;
    let disk = Arc::new(state.journal()?);
    let workshop = Arc::new(Workshop::open(Some(&state.artifacts()), config.compiler())?);
    let (ticker, commons) = (workshop.ticker.clone(), workshop.commons.clone());
    let mut loading = Loading::begin(workshop, &asked.components);
    let others_wait = Duration::from_secs(config.compiler().others_wait_seconds.into());
    let mut shelf = loading.shelf(Some(others_wait)).await?;
    let mut planned = judged(asked, &config, &shelf, loading.left().len()).await?;
    if !loading.left().is_empty() && planned.as_ref().is_ok_and(|plan| plan.ready.is_empty()) {
        // Nothing to start with yet: it may be among those that take long.
        shelf.absorb(loading.shelf(None).await?);
        planned = judged(asked, &config, &shelf, 0).await?;
    }
    for it in &shelf.refused {
        warn!(component = %it.path.display(), "refused: {}", it.why);
    }
    let plan = match planned {
        Ok(plan) => plan,
        Err(report) => return Ok(Err(report)),
    };
    let ring = Arc::new(keys::open(&plan.keyring, &state)?);
    Ok(Ok(Prepared { state, disk, ring, ticker, commons, config, loading, shelf, plan }))
}

/// What is to start of these; asks the operator where that is possible. So many are still on their way.
async fn judged(
    asked: &Run,
    config: &Config,
    shelf: &Shelf,
    on_their_way: usize,
) -> anyhow::Result<Result<Plan, Report>> {
    let folder = &asked.state.folder;
    let absent = shelf.refused.len() + on_their_way;
    let judge = || {
        let approvals = Approvals::read(&state_dir::approvals(folder))?;
        anyhow::Ok(plan::plan(config, &shelf.connectors, absent, &approvals))
    };
    let planned = judge()?;
    let Ok(plan) = &planned else { return Ok(planned) };
    if plan.unapproved.is_empty() {
        return Ok(planned);
    }
    let yes = match Yes::of(asked.grant_requested) {
        // Nobody may sit there, and those that are approved must not wait for him for long.
        Yes::Asked { .. } if !plan.ready.is_empty() => Yes::Asked { within: Some(ANSWER_WITHIN) },
        yes => yes,
    };
    let wanting: Vec<_> = plan.unapproved.iter().collect();
    approve::settle(&wanting, folder, yes).await?;
    judge()
}

/// What instances and answers share.
struct Open {
    disk: Arc<Sqlite>,
    ring: Arc<dyn KeyRing>,
    ticker: Ticker,
    commons: Arc<Commons>,
    logs: Logs,
}

/// The ways in for operators; both close with it.
struct Doors {
    _server: Server,
    followers: Arc<Semaphore>,
    notices: Arc<Notices>,
    _endpoint: Option<Endpoint>,
    _others: offering::Doors,
}

async fn start(
    folder: &Path,
    shelf: &Shelf,
    plan: Plan,
    Open { disk, ring, ticker, commons, logs }: Open,
) -> anyhow::Result<(Supervisor, Doors, Stock)> {
    for warning in &plan.warnings {
        warn!("{warning}");
    }
    for missing in &plan.missing {
        warn!(connector = %missing.id, "not configured:\n{}", missing.what.join("\n"));
    }
    if plan.ready.is_empty() {
        // To be read and pasted: as it is, and not inside a line of the log. Who was asked has seen it.
        let was_asked = matches!(Yes::of(false), Yes::Asked { .. });
        plan.unapproved.iter().filter(|_| !was_asked).for_each(|it| err!("{}\n", it.problem));
        bail!("no instance is configured and approved, so there is nothing to run");
    }
    for unapproved in &plan.unapproved {
        warn!(connector = %unapproved.id, "not approved:\n{}", unapproved.problem);
    }
    let catalogue = Catalogue::default();
    let stock = Stock { ways: Ways::new(&plan.egress)?, ring: ring.clone(), catalogue: catalogue.clone() };
    let backend = agent::backend(plan.agent, stock.ways.own(), ring.clone())?;
    let board = Board::new();
    let house = Arc::new(House::new(ring.clone(), backend.clone(), disk.clone(), board.clone()));
    let mut supervisor = Supervisor::new(house, disk.clone());
    let ready = plan.ready.len();
    let mut starts = Vec::new();
    for (id, instance) in plan.ready {
        let connector = shelf.connectors.get(&id).context("a plan names only what was loaded")?;
        starts.push((connector, stock.start(connector, instance).await?));
    }
    supervisor.recover(starts.iter().map(|(_, start)| &start.admission.id)).await?;
    for (connector, start) in starts {
        supervisor.start(&connector.loaded, start);
    }
    supervisor.watch_secrets();
    let view = supervisor.view();
    let (metered, counted, started) = (view.clone(), disk.clone(), Instant::now());
    let unapproved = plan.unapproved.iter().map(Missing::of);
    let metrics = Metrics {
        view: metered,
        ticker: ticker.clone(),
        commons: commons.clone(),
        disk: counted,
        logs: logs.clone(),
        started,
    };
    let notices = Arc::new(Notices::default());
    notices.refuse(shelf.refused.iter().map(Refused::as_json));
    notices.miss(plan.missing.into_iter().chain(unapproved).map(|it| it.as_json()));
    let (calls, outbox) = (&supervisor.house.tools.calls, &supervisor.house.agent.outbox);
    let endpoints = plan.mcp.as_ref().map(|mcp| mcp.endpoints.clone()).unwrap_or_default();
    let sets = Sets::new(&endpoints, &catalogue, calls, outbox);
    let desk = Desk {
        morgue: Morgue::new(disk.clone(), Some(view.clone())),
        disk,
        ring,
        view,
        calls: supervisor.house.tools.calls.clone(),
        outbox: supervisor.house.agent.outbox.clone(),
        notices,
        sets: sets.clone(),
        backend,
        logs,
        followers: Arc::new(Semaphore::new(FOLLOWERS)),
        tool_calls: Arc::new(Semaphore::new(TOOL_CALLS)),
        ticker,
        commons,
        started,
    };
    let others = offering::open(plan.mcp, &sets, plan.events, &board);
    let doors = match open_doors(folder, desk, plan.telemetry, metrics, others).await {
        Ok(doors) => doors,
        Err(error) => {
            supervisor.stop().await;
            return Err(error);
        }
    };
    info!("running {}; Ctrl-C stops", count(ready, "instance"));
    Ok((supervisor, doors, stock))
}

async fn open_doors(
    folder: &Path,
    desk: Desk,
    telemetry: Option<SocketAddr>,
    metrics: Metrics,
    others: impl Future<Output = anyhow::Result<offering::Doors>>,
) -> anyhow::Result<Doors> {
    let (followers, notices) = (desk.followers.clone(), desk.notices.clone());
    let server = Server::listen(control_socket(folder), desk)?;
    let endpoint = match telemetry {
        Some(address) => {
            let endpoint = telemetry::listen(address, Arc::new(metrics)).await;
            let endpoint =
                endpoint.with_context(|| format!("cannot listen at {address} (telemetry.listen)"))?;
            info!("metrics and health at http://{}", endpoint.address());
            Some(endpoint)
        }
        None => None,
    };
    let others = others.await?;
    Ok(Doors { _server: server, followers, notices, _endpoint: endpoint, _others: others })
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
