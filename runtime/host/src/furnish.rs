//! What an instance is given: its way out, its secrets, its quotas.
use crate::components::Connector;
use crate::keeper::Keeper;
use crate::offering::Catalogue;
use crate::plan;
use crate::supervisor::Start;
use crate::ways::Ways;
use config::Instance;
use contract::{Admission, Quotas};
use ports::identity::InstanceId;
use ports::keys::KeyRing;
use ports::log_budget::LogBudget;
use ports::mailbox::Capacity;
use ports::secret::{Entry, Vault};
use ports::store::Quota;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// What all instances share of it.
pub struct Stock {
    pub ways: Ways,
    pub ring: Arc<dyn KeyRing>,
    pub catalogue: Catalogue,
}

impl Stock {
    /// # Errors
    /// What [`Ways::of`] says.
    pub async fn start(&self, connector: &Connector, instance: Instance) -> anyhow::Result<Start> {
        let Instance { id, config_json, secrets, reach, limits, egress, files, owner, .. } = instance;
        let dial = self.ways.of(&egress)?;
        self.catalogue.add(&id, connector);
        let (vault, keeper) = self.vault(&id, secrets).await;
        let (offers, quotas) = (Arc::new(connector.described.offers()), quotas(&limits, owner));
        Ok(Start {
            admission: Admission {
                id,
                reach: Arc::new(reach),
                vault: Arc::new(vault),
                dial,
                quotas,
                log_budget: Arc::new(LogBudget::new(limits.log_lines_per_10s)),
                hits: Arc::default(),
                offers,
            },
            quarantine: Duration::from_secs(u64::from(limits.quarantine_minutes) * 60),
            config: config_json,
            limits: plan::engine_limits(&limits),
            files,
            keeper,
        })
    }

    /// With what arrived for it in earlier processes, and who writes down what arrives in this one.
    async fn vault(&self, id: &InstanceId, secrets: BTreeMap<String, Entry>) -> (Vault, Option<Keeper>) {
        let arrives = secrets.values().any(|entry| !entry.captures.is_empty());
        let vault = Vault::new(secrets);
        if !arrives {
            return (vault, None);
        }
        let keeper = Keeper::new(id.clone(), self.ring.clone());
        keeper.restore(&vault).await;
        (vault.keeping(keeper.listener()), Some(keeper))
    }
}

fn quotas(limits: &config::Limits, owner: bool) -> Quotas {
    let mailbox =
        Capacity { events: limits.mailbox_events as usize, bytes: (limits.mailbox_kib as usize) << 10 };
    Quotas {
        mailbox,
        sockets: limits.sockets as usize,
        timers: limits.timers as usize,
        dispatches: limits.dispatches as usize,
        dispatches_per_minute: limits.dispatches_per_minute,
        requests: limits.requests as usize,
        dials_per_minute: limits.dials_per_minute,
        store: Quota { keys: limits.store_keys.into(), bytes: u64::from(limits.store_kib) << 10 },
        keys: limits.keys as usize,
        published: (limits.publish_keys as usize, (limits.publish_kib as usize) << 10),
        owner,
    }
}
