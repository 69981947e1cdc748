//! From files to components that are ready to run: read, compiled or taken from the cache, asked who they are.
use crate::descriptor::{self, Described};
use crate::house::House;
use anyhow::{Context, bail};
use artifact::{Cache, Origin};
use engine::Loaded;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::collections::BTreeMap;
use std::io::{IsTerminal, stderr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::Semaphore;
use tokio::task::{JoinSet, spawn_blocking};
use tracing::info;
use wasmtime::Engine;

pub struct Connector {
    pub path: PathBuf,
    pub described: Described,
    pub loaded: Arc<Loaded<House>>,
}

/// Larger files are no connectors; compiling takes memory in proportion.
const MOST_BYTES: u64 = 64 << 20;

/// The engine and what all components share of it.
pub struct Workshop {
    pub engine: Engine,
    overtime: Arc<Semaphore>,
    cache: Option<Cache>,
}

impl Workshop {
    /// Without a cache everything is compiled.
    pub fn open(cache: Option<&Path>) -> anyhow::Result<Self> {
        let engine =
            engine::engine().map_err(anyhow::Error::from).context("this machine cannot run components")?;
        engine::Ticker::start(&engine).context("no thread for the ticker")?;
        // One fewer than tokio has workers: a guest that computes for long never takes the last one.
        let workers = std::thread::available_parallelism().map_or(1, usize::from);
        let overtime = Arc::new(Semaphore::new(workers.saturating_sub(1).max(1)));
        let cache = cache.map(Cache::open).transpose()?;
        Ok(Self { engine, overtime, cache })
    }

    pub fn component(&self, path: &Path) -> anyhow::Result<(wasmtime::component::Component, Origin)> {
        let bytes = std::fs::metadata(path).with_context(|| format!("cannot read {}", path.display()))?.len();
        if bytes > MOST_BYTES {
            bail!("{} has {bytes} bytes; a component may have {MOST_BYTES}", path.display());
        }
        let wasm = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        let made = match &self.cache {
            Some(cache) => cache.component(&self.engine, &wasm),
            None => wasmtime::component::Component::from_binary(&self.engine, &wasm)
                .map(|component| (component, Origin::Compiled))
                .map_err(artifact::Error::Compile),
        };
        made.with_context(|| format!("cannot use {}", path.display()))
    }

    async fn connector(
        &self,
        path: PathBuf,
        made: wasmtime::component::Component,
    ) -> anyhow::Result<Connector> {
        let cannot = || format!("cannot use {}", path.display());
        let loaded = Loaded::new(&self.engine, self.overtime.clone(), &made).with_context(cannot)?;
        let said = engine::describe(&self.engine, &made, descriptor::limits()).await;
        let said = said.context("it could not describe itself").with_context(cannot)?;
        let described =
            descriptor::check(said, &engine::imports(&self.engine, &made)).with_context(cannot)?;
        Ok(Connector { path, described, loaded: Arc::new(loaded) })
    }
}

/// All of them, compiled side by side. A wrong one names its file, and nothing is run.
pub async fn load(workshop: Arc<Workshop>, paths: &[PathBuf]) -> anyhow::Result<BTreeMap<String, Connector>> {
    let bar = bar(paths.len());
    let mut tasks = JoinSet::new();
    for path in paths.iter().cloned() {
        let (workshop, bar) = (workshop.clone(), bar.clone());
        tasks.spawn(async move {
            let begun = Instant::now();
            let made = spawn_blocking({
                let (workshop, path) = (workshop.clone(), path.clone());
                move || workshop.component(&path)
            });
            let (made, origin) = made.await??;
            bar.inc(1);
            if bar.is_hidden() {
                let (ms, file) = (begun.elapsed().as_millis(), path.display());
                info!(%file, ms, from_cache = origin == Origin::Cached, "component ready");
            }
            workshop.connector(path, made).await
        });
    }
    let mut connectors: BTreeMap<String, Connector> = BTreeMap::new();
    while let Some(done) = tasks.join_next().await {
        let connector = done??;
        let id = connector.described.asked.id.clone();
        if let Some(other) = connectors.get(&id) {
            bail!(
                "{} and {} are both connector {id:?}: give only one of them",
                other.path.display(),
                connector.path.display()
            );
        }
        connectors.insert(id, connector);
    }
    bar.finish_and_clear();
    Ok(connectors)
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
