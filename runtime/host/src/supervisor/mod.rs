//! The instances that run, and the way to end them.
use crate::house::House;
use crate::keeper::Keeper;
use crate::rotation::{self, Watched};
use anyhow::Context;
use config::SecretFile;
use contract::{Admission, Reviver};
use engine::{Limits, Loaded, Session, Stop, Watch};
use ports::identity::InstanceId;
use ports::journal::Journal;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tracing::{Instrument, error, info_span, warn};

/// How long what is in flight may take when the process is asked to end.
const DRAIN: Duration = Duration::from_secs(10);

pub struct Supervisor {
    pub house: House,
    journal: Arc<dyn Journal>,
    instances: Vec<Instance>,
    tasks: JoinSet<()>,
    stop: Stop,
    watched: Vec<Watched>,
    keepers: JoinSet<()>,
    /// Nothing can arrive any more.
    closing: Stop,
}

struct Instance {
    id: InstanceId,
    watch: Watch,
    /// Kept, because a session reads its configuration at each start.
    _config: watch::Sender<String>,
}

/// What one instance starts with.
pub struct Start {
    pub admission: Admission,
    pub config: String,
    pub limits: Limits,
    /// Whose secrets may change.
    pub files: Vec<SecretFile>,
    /// Who writes down the secrets that arrive.
    pub keeper: Option<Keeper>,
}

/// What may be read of the instances while they run.
#[derive(Clone)]
pub struct View(Arc<[(InstanceId, Watch)]>);

impl Supervisor {
    pub fn new(house: House, journal: Arc<dyn Journal>) -> Self {
        Self {
            house,
            journal,
            instances: Vec::new(),
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
        let stop = self.stop.child_token();
        let (session, watch) = Session::new(
            loaded.clone(),
            &self.house,
            &start.admission,
            configured,
            start.limits,
            self.journal.clone(),
            stop,
        );
        let span = info_span!("session", connector = %id);
        self.tasks.spawn(session.run().instrument(span));
        self.instances.push(Instance { id, watch, _config: config });
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
        View(self.instances.iter().map(|instance| (instance.id.clone(), instance.watch.clone())).collect())
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

impl View {
    /// The instance that a person means: `connector`, `connector/account` or `tenant/connector/account`. The error says
    /// which there are.
    pub fn find(&self, name: &str) -> Result<InstanceId, String> {
        let parts: Vec<&str> = name.split('/').collect();
        let matches = |id: &InstanceId| match parts[..] {
            [connector] => connector == &*id.connector,
            [connector, account] => connector == &*id.connector && account == &*id.account,
            [tenant, connector, account] => {
                tenant == &*id.tenant && connector == &*id.connector && account == &*id.account
            }
            _ => false,
        };
        let found: Vec<&InstanceId> = self.0.iter().map(|(id, _)| id).filter(|id| matches(id)).collect();
        match found[..] {
            [id] => Ok(id.clone()),
            [] => Err(format!("no instance {name:?} is running; there is: {}", self.names(|_| true))),
            _ => Err(format!("{name:?} could be: {}; say more", self.names(|id| found.contains(&id)))),
        }
    }

    pub fn ids(&self) -> Vec<InstanceId> {
        self.0.iter().map(|(id, _)| id.clone()).collect()
    }

    pub fn runs(&self, id: &InstanceId) -> bool {
        self.0.iter().any(|(known, _)| known == id)
    }

    /// What delivers set-aside events of this room again; `None` when the instance does not run.
    pub fn reviver(&self, id: &InstanceId, room: &str) -> Option<Reviver> {
        let (_, watch) = self.0.iter().find(|(known, _)| known == id)?;
        watch.revivers.iter().find(|(name, _)| *name == room).map(|(_, reviver)| reviver.clone())
    }

    pub fn status(&self) -> Vec<Value> {
        let one = |(id, watch): &(InstanceId, Watch)| {
            let rooms: Map<String, Value> =
                watch.gauges.iter().map(|(room, gauge)| ((*room).to_owned(), gauge())).collect();
            json!({ "instance": id.to_string(), "health": watch.health.snapshot(), "rooms": rooms })
        };
        self.0.iter().map(one).collect()
    }

    fn names(&self, which: impl Fn(&InstanceId) -> bool) -> String {
        let names: Vec<String> =
            self.0.iter().map(|(id, _)| id).filter(|id| which(id)).map(InstanceId::to_string).collect();
        if names.is_empty() { "none".into() } else { names.join(", ") }
    }
}
