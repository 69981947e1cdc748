//! What an instance is given: its way out, its secrets, its quotas.
use crate::components::Connector;
use crate::plan;
use crate::supervisor::Start;
use crate::ways::Ways;
use anyhow::Context;
use config::Instance;
use contract::{Admission, Quotas};
use ports::identity::InstanceId;
use ports::keys::KeyRing;
use ports::mailbox::Capacity;
use ports::secret::{Entry, Secret, Vault};
use ports::store::Quota;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::mpsc;
use tracing::{error, info};

/// What all instances share of it.
pub struct Stock {
    pub ways: Ways,
    pub ring: Arc<dyn KeyRing>,
}

impl Stock {
    /// # Errors
    /// What [`Ways::of`] says, or the key ring cannot be read.
    pub async fn start(&self, connector: &Connector, instance: Instance) -> anyhow::Result<Start> {
        let Instance { id, config_json, secrets, reach, limits, egress, files, .. } = instance;
        let dial = self.ways.of(&egress)?;
        let vault = Arc::new(self.vault(&id, secrets).await?);
        let (offers, quotas) = (Arc::new(connector.described.offers()), quotas(&limits));
        Ok(Start {
            admission: Admission { id, reach: Arc::new(reach), vault, dial, quotas, offers },
            config: config_json,
            limits: plan::engine_limits(&limits),
            files,
        })
    }

    /// With what arrived for it in earlier processes.
    async fn vault(&self, id: &InstanceId, secrets: BTreeMap<String, Entry>) -> anyhow::Result<Vault> {
        let arrives = secrets.values().any(|entry| !entry.captures.is_empty());
        let vault = Vault::new(secrets);
        if !arrives {
            return Ok(vault);
        }
        let kept = self.ring.arrived(id).await;
        for (name, value) in kept.with_context(|| format!("cannot read the secrets that arrived for {id}"))? {
            // What the operator provides comes first; what is no longer granted stays in the ring.
            if !vault.exists(&name) {
                vault.rotate(&name, value);
            }
        }
        let arrivals = keeper(self.ring.clone(), id.clone());
        Ok(vault.keeping(move |name, value| {
            let _ = arrivals.send((name.to_owned(), value.clone()));
        }))
    }
}

/// Writes what arrives into the ring, one after the other. Ends with the vault.
fn keeper(ring: Arc<dyn KeyRing>, id: InstanceId) -> mpsc::UnboundedSender<(String, Secret)> {
    // Each is one answer or frame of the platform, and the next is not read before the guest took it.
    let (arrivals, mut arrived) = mpsc::unbounded_channel::<(String, Secret)>();
    tokio::spawn(async move {
        while let Some((name, value)) = arrived.recv().await {
            match ring.keep(&id, &name, value).await {
                Ok(()) => info!(connector = %id, secret = name, "a secret arrived and is kept"),
                Err(error) => {
                    error!(connector = %id, secret = name, %error, "a secret arrived and is kept in memory only")
                }
            }
        }
    });
    arrivals
}

fn quotas(limits: &config::Limits) -> Quotas {
    let mailbox =
        Capacity { events: limits.mailbox_events as usize, bytes: (limits.mailbox_kib as usize) << 10 };
    Quotas {
        mailbox,
        sockets: limits.sockets as usize,
        timers: limits.timers as usize,
        dispatches: limits.dispatches as usize,
        log_lines_per_10s: limits.log_lines_per_10s,
        store: Quota { keys: limits.store_keys.into(), bytes: u64::from(limits.store_kib) << 10 },
        keys: limits.keys as usize,
        ..Quotas::default()
    }
}
