//! The tools of every account that was started, in the order of their names.
use crate::components::Connector;
use crate::descriptor::Offer;
use ports::identity::{DEFAULT_TENANT, InstanceId};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// Clones are the same.
#[derive(Clone)]
pub struct Catalogue(Arc<Inner>);

struct Inner {
    offered: Mutex<BTreeMap<InstanceId, Arc<Offered>>>,
    changes: watch::Sender<u64>,
}

/// What one account offers.
pub struct Offered {
    pub tools: Vec<Offering>,
    /// Whether it posts what the agent sends by itself.
    pub sends: bool,
}

/// A tool, its schema read.
pub struct Offering {
    pub name: String,
    pub description: String,
    pub arguments: Map<String, Value>,
}

impl From<&Offer> for Offering {
    fn from(Offer { name, description, arguments }: &Offer) -> Self {
        // It was held against what all can read when the component was loaded.
        let arguments = serde_json::from_str(arguments).unwrap_or_default();
        Self { name: name.clone(), description: description.clone(), arguments }
    }
}

impl Default for Catalogue {
    fn default() -> Self {
        Self(Arc::new(Inner { offered: Mutex::default(), changes: watch::Sender::new(0) }))
    }
}

impl Catalogue {
    pub fn add(&self, id: &InstanceId, connector: &Connector) {
        let sends = connector.loaded.exports("agent-handler");
        let offered =
            Offered { tools: connector.described.tools.iter().map(Offering::from).collect(), sends };
        self.put(id.clone(), offered);
    }

    pub(super) fn put(&self, id: InstanceId, offered: Offered) {
        self.lock().insert(id, Arc::new(offered));
        self.0.changes.send_modify(|changes| *changes += 1);
    }

    /// Of these: `occum` is all accounts of that connector, `occum/work` one.
    pub fn of(&self, names: &[String]) -> Vec<(InstanceId, Arc<Offered>)> {
        let offered = self.lock();
        let named = offered.iter().filter(|(id, _)| names.iter().any(|name| is_named(id, name)));
        named.map(|(id, offered)| (id.clone(), offered.clone())).collect()
    }

    pub fn changes(&self) -> watch::Receiver<u64> {
        self.0.changes.subscribe()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<InstanceId, Arc<Offered>>> {
        self.0.offered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_named(id: &InstanceId, name: &str) -> bool {
    let (connector, account) = name.split_once('/').map_or((name, None), |(first, rest)| (first, Some(rest)));
    &*id.tenant == DEFAULT_TENANT
        && &*id.connector == connector
        && account.is_none_or(|account| &*id.account == account)
}
