//! Components that take long to prepare: the others do not wait for them, and they join when they are ready.
use crate::approve::{self, Yes};
use crate::components::{Connector, Loading, Made, Refused};
use crate::control::notices::Notices;
use crate::furnish::Stock;
use crate::plan::{self, Missing, Plan};
use crate::state_dir;
use crate::supervisor::Supervisor;
use anyhow::Context;
use config::{Approvals, Config, Report};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use tracing::{info, warn};

pub struct Late {
    pub loading: Loading,
    pub config: Config,
    /// The state directory.
    pub folder: PathBuf,
    pub stock: Stock,
    pub notices: Arc<Notices>,
    /// Ids that are taken.
    pub known: BTreeSet<String>,
    /// Whatever is asked for is approved: the command line said so, and nobody is asked this late.
    pub approves: bool,
}

impl Late {
    /// The next that is ready or refused; never, when there is no more. Cancel safe.
    pub async fn next(&mut self) -> anyhow::Result<Made> {
        match self.loading.next().await {
            Some(made) => made,
            None => std::future::pending().await,
        }
    }

    /// A fault of the machine, too, is only this one's now.
    pub async fn join(&mut self, supervisor: &mut Supervisor, made: anyhow::Result<Made>) {
        let joined = match made {
            Ok(Ok(connector)) => self.start(supervisor, connector).await,
            Ok(Err(refused)) => {
                self.refuse(&refused);
                Ok(())
            }
            Err(error) => Err(error),
        };
        if let Err(error) = joined {
            warn!("a component that was ready late cannot be started: {error:#}");
        }
        self.notices.prepares(self.loading.left());
    }

    async fn start(&mut self, supervisor: &mut Supervisor, connector: Connector) -> anyhow::Result<()> {
        let id = connector.described.asked.id.clone();
        if !self.known.insert(id.clone()) {
            let why = format!("connector {id:?} runs already, from another component");
            self.refuse(&Refused { path: connector.path, why });
            return Ok(());
        }
        let connectors = BTreeMap::from([(id, connector)]);
        let mut planned = self.planned(&connectors)?;
        if let Ok(plan) = &planned
            && self.approves
            && !plan.unapproved.is_empty()
        {
            let wanting: Vec<_> = plan.unapproved.iter().collect();
            approve::settle(&wanting, &self.folder, Yes::Said).await?;
            planned = self.planned(&connectors)?;
        }
        let Plan { ready, missing, unapproved, .. } = match planned {
            Ok(plan) => plan,
            Err(Report(problems)) => {
                problems.iter().for_each(|problem| warn!("{problem}"));
                return Ok(());
            }
        };
        for it in missing.into_iter().chain(unapproved.iter().map(Missing::of)) {
            warn!(connector = %it.id, "does not start:\n{}", it.what.join("\n"));
            self.notices.miss([it.as_json()]);
        }
        for (id, instance) in ready {
            let connector = connectors.get(&id).context("a plan names only what was loaded")?;
            let start = self.stock.start(connector, instance).await?;
            supervisor.recover([&start.admission.id].into_iter()).await?;
            info!(connector = %start.admission.id, "joins the others");
            supervisor.start(&connector.loaded, start);
        }
        supervisor.watch_secrets();
        Ok(())
    }

    /// What it says of other connectors was said when those were planned.
    fn planned(&self, connectors: &BTreeMap<String, Connector>) -> anyhow::Result<Result<Plan, Report>> {
        let approvals = Approvals::read(&state_dir::approvals(&self.folder))?;
        Ok(plan::plan(&self.config, connectors, usize::MAX, &approvals))
    }

    fn refuse(&self, refused: &Refused) {
        warn!(component = %refused.path.display(), "refused: {}", refused.why);
        self.notices.refuse([refused.as_json()]);
    }
}
