//! The instances that run, and the way to end them.
mod live;
mod runner;
mod view;

pub use live::{Live, Wish};
pub use view::View;

use crate::house::House;
use crate::keeper::Keeper;
use crate::rotation::{self, Watched};
use anyhow::Context;
use config::SecretFile;
use contract::Admission;
use engine::{Limits, Loaded, Share, Stop};
use ports::identity::InstanceId;
use ports::journal::Journal;
use runner::Runner;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tracing::{Instrument, error, info_span, warn};

/// How long what is in flight may take when the process is asked to end.
const DRAIN: Duration = Duration::from_secs(10);

pub struct Supervisor {
    pub house: Arc<House>,
    journal: Arc<dyn Journal>,
    view: View,
    /// Kept, because a session reads its configuration at each start.
    configs: Vec<watch::Sender<String>>,
    tasks: JoinSet<()>,
    stop: Stop,
    watched: Vec<Watched>,
    keepers: JoinSet<()>,
    /// Nothing can arrive any more.
    closing: Stop,
}

/// What one instance starts with.
pub struct Start {
    pub admission: Admission,
    pub config: String,
    pub limits: Limits,
    /// How long a quarantine lasts.
    pub quarantine: Duration,
    /// Whose secrets may change.
    pub files: Vec<SecretFile>,
    /// Who writes down the secrets that arrive.
    pub keeper: Option<Keeper>,
}

impl Supervisor {
    pub fn new(house: Arc<House>, journal: Arc<dyn Journal>) -> Self {
        Self {
            house,
            journal,
            view: View::default(),
            configs: Vec::new(),
            tasks: JoinSet::new(),
            stop: Stop::new(),
            watched: Vec::new(),
            keepers: JoinSet::new(),
            closing: Stop::new(),
        }
    }

    /// Reads what an earlier process left open for these. Before the first is started: what that one writes could come
    /// in the way, on a disk that is full.
    ///
    /// # Errors
    /// The journal's. Then nothing is to be started, so that nothing is answered twice or never.
    pub async fn recover(&self, ids: impl Iterator<Item = &InstanceId>) -> anyhow::Result<()> {
        for id in ids {
            let recovering = self.house.agent.recover(id).await;
            recovering.with_context(|| format!("cannot go on with what {id} had accepted"))?;
        }
        Ok(())
    }

    pub fn start(&mut self, loaded: &Arc<Loaded<House>>, start: Start) {
        let id = start.admission.id.clone();
        if !start.files.is_empty() {
            let vault = start.admission.vault.clone();
            self.watched.push(Watched { id: id.clone(), vault, files: start.files });
        }
        if let Some(keeper) = start.keeper {
            self.keepers.spawn(keeper.run(start.admission.vault.clone(), self.closing.clone()));
        }
        let (config, configured) = watch::channel(start.config);
        let hits = start.admission.hits.clone();
        let share = Share::new(start.limits.cpu_percent, hits.clone());
        let (live, orders) = Live::new(id.clone(), hits, share);
        let runner = Runner {
            loaded: loaded.clone(),
            house: self.house.clone(),
            journal: self.journal.clone(),
            admission: start.admission,
            config: configured,
            limits: start.limits,
            live: live.clone(),
            orders,
            quarantine: start.quarantine,
            stop: self.stop.child_token(),
        };
        let span = info_span!("session", connector = %id);
        self.tasks.spawn(runner.run().instrument(span));
        self.view.add(live);
        self.configs.push(config);
    }

    /// Looks at the files of secrets of all that were started, until it is stopped.
    pub fn watch_secrets(&mut self) {
        let (watching, stop) = (rotation::watch(std::mem::take(&mut self.watched)), self.stop.clone());
        self.tasks.spawn(async move {
            tokio::select! {
                () = watching => {}
                () = stop.cancelled() => {}
            }
        });
    }

    pub fn view(&self) -> View {
        self.view.clone()
    }

    /// No more events in, what is in flight may end, then all is closed.
    pub async fn stop(mut self) {
        self.stop.cancel();
        let drained = timeout(DRAIN, async {
            while let Some(ended) = self.tasks.join_next().await {
                if let Err(panic) = ended {
                    error!(blame = "host", %panic, "a session's task failed: this is a bug of the runtime");
                }
            }
        });
        if drained.await.is_err() {
            warn!(left = self.tasks.len(), "instances did not end in time and were cut off");
            self.tasks.shutdown().await;
        }
        self.closing.cancel();
        let kept = timeout(DRAIN, async { while self.keepers.join_next().await.is_some() {} });
        if kept.await.is_err() {
            warn!("a secret that arrived last is not kept");
        }
    }
}
