//! From files to components that are ready to run: read, compiled or taken from the cache, asked who they are.
use crate::capacity;
use crate::descriptor::{self, Described};
use crate::house::House;
use crate::worker;
use anyhow::{Context, anyhow, bail};
use artifact::{Cache, Name, Origin, WorkerError, Workers};
use config::CompilerSettings;
use engine::{Commons, Descriptor, Loaded, Ticker};
use futures::FutureExt;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use ports::log_budget::printable;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{IsTerminal, Read, stderr};
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::sleep;
use tracing::info;
use wasmtime::Engine;

pub struct Connector {
    pub path: PathBuf,
    pub described: Described,
    pub loaded: Arc<Loaded<House>>,
}

/// Larger files are no connectors; compiling takes memory in proportion.
const MOST_BYTES: u64 = 64 << 20;

/// Of what is said of a component: parts of it are the component's own words.
const CAUSE_BYTES: usize = 1 << 10;

/// What the process may take in which a component is instantiated and asked who it is: its code, its memories, and what
/// the engine keeps for it. One that needs more would need it again for each of its instances, from everybody's memory
/// and outside of its own limits (a million globals are such a thing).
const BIRTH_BYTES: u64 = 320 << 20;

/// Of a descriptor: a schema of 64 KiB, and lists with bounds.
const MOST_SAID_BYTES: usize = 4 << 20;

/// The engine and what all components share of it.
pub struct Workshop {
    pub engine: Engine,
    pub ticker: Ticker,
    pub commons: Arc<Commons>,
    cache: Cache,
    workers: Workers,
}

/// A component that says who it is; nothing of it runs in this process yet.
pub struct Introduced {
    pub loaded: Arc<Loaded<House>>,
    pub described: Described,
    pub imports: Vec<String>,
    origin: Origin,
}

impl Workshop {
    /// Without a folder for what is compiled it is compiled anew, and forgotten. To be called inside of a tokio runtime.
    pub fn open(folder: Option<&Path>, compiler: CompilerSettings) -> anyhow::Result<Self> {
        let engine =
            engine::engine().map_err(anyhow::Error::from).context("this machine cannot run components")?;
        let ticker = Ticker::start(&engine).context("no thread for the clock of the guests")?;
        ticker.watch().context("no thread to watch the clock of the guests")?;
        // One fewer than tokio has workers: a guest that computes for long never takes the last one.
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let commons = Commons::new(threads.saturating_sub(1).max(1), capacity::most_alive());
        let cache = match folder {
            Some(folder) => Cache::open(folder)?,
            None => Cache::temporary()?,
        };
        Ok(Self { engine, ticker, commons, cache, workers: worker::children(compiler)? })
    }

    /// Compiles it and asks it who it is, both in child processes.
    pub async fn introduced(&self, path: &Path) -> anyhow::Result<Introduced> {
        let introduced = self.introduce(read(path)?).await;
        introduced.map_err(|error| anyhow!("cannot use {}: {}", path.display(), lines(&error)))
    }

    async fn introduce(&self, wasm: Vec<u8>) -> anyhow::Result<Introduced> {
        if wasm.len() as u64 > MOST_BYTES {
            bail!("it has more than {MOST_BYTES} bytes, the most that a component may have");
        }
        let (component, origin, name) = self.cache.component(&self.engine, wasm, &self.workers).await?;
        let imports = engine::imports(&self.engine, &component);
        // First what it imports: one that is no connector has nothing to say.
        let loaded = Arc::new(Loaded::new(&self.engine, self.commons.clone(), &component)?);
        let described = descriptor::check(self.descriptor(&name).await?, &imports)?;
        Ok(Introduced { loaded, described, imports, origin })
    }

    /// What it said when it was asked first; the answer holds for these bytes for ever, as it depends on nothing else.
    async fn descriptor(&self, name: &Name) -> anyhow::Result<Descriptor> {
        let known = self.cache.note(name).and_then(|note| serde_json::from_slice(&note).ok());
        if let Some(descriptor) = known {
            return Ok(descriptor);
        }
        let job = worker::describe(self.cache.folder(), name);
        let workers = self.workers.with_memory(BIRTH_BYTES);
        let said = workers.run(&job, &[], MOST_SAID_BYTES).await;
        let said = said.context("it could not describe itself")?;
        let descriptor = serde_json::from_slice(&said).context("its description cannot be read")?;
        // Without the note it is asked again at the next start.
        let _ = self.cache.keep_note(name, &said);
        Ok(descriptor)
    }

    async fn connector(&self, path: PathBuf, wasm: Vec<u8>) -> anyhow::Result<(Connector, Origin)> {
        let Introduced { loaded, described, origin, .. } = self.introduce(wasm).await?;
        Ok((Connector { path, described, loaded }, origin))
    }
}

/// Components at once from the file to the connector: each holds its bytes and its code.
const AT_ONCE: usize = 8;

/// What came of the files on the command line.
#[derive(Default)]
pub struct Shelf {
    pub connectors: BTreeMap<String, Connector>,
    /// No connectors that could be run: the others are.
    pub refused: Vec<Refused>,
}

impl Shelf {
    pub fn absorb(&mut self, other: Self) {
        self.refused.extend(other.refused);
        for (id, connector) in other.connectors {
            match self.connectors.remove(&id) {
                None => drop(self.connectors.insert(id, connector)),
                Some(twin) => self.refused.extend(twins(&id, vec![twin, connector])),
            }
        }
    }
}

/// A component that is at fault.
pub struct Refused {
    pub path: PathBuf,
    /// With its causes, one line for each.
    pub why: String,
}

impl Refused {
    pub fn as_json(&self) -> Value {
        json!({ "component": self.path.display().to_string(), "why": self.why })
    }
}

/// One component: ready, or at fault.
pub type Made = Result<Connector, Refused>;

/// Components on their way to connectors, side by side. Dropped, what is being compiled ends.
pub struct Loading {
    tasks: JoinSet<(PathBuf, anyhow::Result<Made>)>,
    left: BTreeSet<PathBuf>,
    bar: ProgressBar,
}

impl Loading {
    pub fn begin(workshop: Arc<Workshop>, paths: &[PathBuf]) -> Self {
        let bar = bar(paths.len());
        let places = Arc::new(Semaphore::new(AT_ONCE));
        let mut tasks = JoinSet::new();
        for path in paths.iter().cloned() {
            let (workshop, places, is_shown) = (workshop.clone(), places.clone(), !bar.is_hidden());
            tasks.spawn(async move {
                let _place = places.acquire_owned().await;
                let made = prepare(&workshop, &path, is_shown).await;
                let made = made.map(|made| made.map_err(|why| Refused { path: path.clone(), why }));
                (path, made)
            });
        }
        Self { tasks, left: paths.iter().cloned().collect(), bar }
    }

    /// `None`: there are no more. Cancel safe.
    ///
    /// # Errors
    /// What the operator or the machine did: a file that cannot be read, a disk that is full.
    pub async fn next(&mut self) -> Option<anyhow::Result<Made>> {
        let done = self.tasks.join_next().await?;
        Some(done.map_err(anyhow::Error::from).and_then(|(path, made)| {
            self.left.remove(&path);
            self.bar.inc(1);
            made
        }))
    }

    pub fn left(&self) -> Vec<Value> {
        self.left.iter().map(|path| path.display().to_string().into()).collect()
    }

    /// All of them; or, with `patience`, those that are ready by then: at least one, if one ever is. One that is no
    /// connector is set aside, and hurts no other.
    ///
    /// # Errors
    /// As [`next`](Self::next). Then nothing is to be run.
    pub async fn shelf(&mut self, patience: Option<Duration>) -> anyhow::Result<Shelf> {
        let over = async {
            match patience {
                Some(patience) => sleep(patience).await,
                None => std::future::pending().await,
            }
        };
        tokio::pin!(over);
        let mut refused = Vec::new();
        let mut claims: BTreeMap<String, Vec<Connector>> = BTreeMap::new();
        let mut is_over = false;
        loop {
            let made = tokio::select! {
                biased;
                made = self.next() => made,
                () = &mut over, if !is_over => {
                    is_over = true;
                    if claims.is_empty() { continue } else { break }
                }
            };
            match made.transpose()? {
                Some(Ok(connector)) => {
                    claims.entry(connector.described.asked.id.clone()).or_default().push(connector);
                }
                Some(Err(it)) => refused.push(it),
                None => break,
            }
            if is_over && !claims.is_empty() {
                break;
            }
        }
        self.bar.finish_and_clear();
        let mut shelf = Shelf { refused, ..Shelf::default() };
        for (id, claimants) in claims {
            match <[Connector; 1]>::try_from(claimants) {
                Ok([connector]) => drop(shelf.connectors.insert(id, connector)),
                Err(claimants) => shelf.refused.extend(twins(&id, claimants)),
            }
        }
        shelf.refused.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(shelf)
    }
}

/// Each says that it is `id`; who is right, they cannot say. None gets the secrets of the other.
fn twins(id: &str, claimants: Vec<Connector>) -> impl Iterator<Item = Refused> {
    let paths: Vec<String> = claimants.iter().map(|it| it.path.display().to_string()).collect();
    let why = format!("{} are all connector {id:?}: give only one of them", paths.join(" and "));
    claimants.into_iter().map(move |it| Refused { path: it.path, why: why.clone() })
}

/// Inside: why it is refused.
async fn prepare(
    workshop: &Workshop,
    path: &Path,
    is_shown: bool,
) -> anyhow::Result<Result<Connector, String>> {
    let begun = Instant::now();
    let wasm = read(path)?;
    // What breaks in here, broke over this component: the others have a right to start.
    let making = AssertUnwindSafe(workshop.connector(path.into(), wasm)).catch_unwind();
    match making.await {
        Ok(Ok((connector, origin))) => {
            if !is_shown {
                let (ms, file) = (begun.elapsed().as_millis(), path.display());
                info!(%file, ms, from_cache = origin == Origin::Cached, "component ready");
            }
            Ok(Ok(connector))
        }
        Ok(Err(error)) if is_ours(&error) => Err(error.context(format!("cannot prepare {}", path.display()))),
        Ok(Err(error)) => Ok(Err(lines(&error))),
        Err(_) => Ok(Err("the runtime broke over it: this is a bug of the runtime".into())),
    }
}

/// The operator named the file: that it cannot be read is for him to mend. One byte more than allowed is enough.
fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    let cannot = || format!("cannot read {}", path.display());
    let mut wasm = Vec::new();
    let file = File::open(path).with_context(cannot)?;
    file.take(MOST_BYTES + 1).read_to_end(&mut wasm).with_context(cannot)?;
    Ok(wasm)
}

/// A full disk, or a process that cannot be started: nothing that the component did.
fn is_ours(error: &anyhow::Error) -> bool {
    let worker = |error: &WorkerError| matches!(error, WorkerError::Start(_));
    match error.downcast_ref::<artifact::Error>() {
        Some(artifact::Error::Compile(error)) => worker(error),
        Some(_) => true,
        None => error.downcast_ref().is_some_and(worker),
    }
}

fn lines(error: &anyhow::Error) -> String {
    let clean = |cause: &dyn std::fmt::Display| printable(&cause.to_string(), CAUSE_BYTES);
    error.chain().map(|cause| clean(&cause)).collect::<Vec<_>>().join("\n  because: ")
}

fn bar(count: usize) -> ProgressBar {
    let target = match stderr().is_terminal() {
        true => ProgressDrawTarget::stderr(),
        false => ProgressDrawTarget::hidden(),
    };
    let style = ProgressStyle::with_template("compiling connectors {bar:30} {pos}/{len}");
    let bar = ProgressBar::with_draw_target(Some(count as u64), target)
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.tick();
    bar
}
