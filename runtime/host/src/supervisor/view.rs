//! All instances, for whoever asks by name.
use super::live::{Live, Wish};
use contract::Reviver;
use ports::identity::InstanceId;
use serde_json::Value;
use std::sync::{Arc, PoisonError, RwLock};

#[derive(Clone, Default)]
pub struct View(Arc<RwLock<Vec<Arc<Live>>>>);

impl View {
    pub(super) fn add(&self, live: Arc<Live>) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).push(live);
    }

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
        let all = self.all();
        let found: Vec<&InstanceId> = all.iter().map(|live| &live.id).filter(|id| matches(id)).collect();
        match found[..] {
            [id] => Ok(id.clone()),
            [] => Err(format!("no instance {name:?} is running; there is: {}", self.names(|_| true))),
            _ => Err(format!("{name:?} could be: {}; say more", self.names(|id| found.contains(&id)))),
        }
    }

    pub fn ids(&self) -> Vec<InstanceId> {
        self.all().iter().map(|live| live.id.clone()).collect()
    }

    pub fn runs(&self, id: &InstanceId) -> bool {
        self.live(id).is_some()
    }

    pub fn all(&self) -> Vec<Arc<Live>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What delivers set-aside events of this room again; `None` when the instance does not run.
    pub fn reviver(&self, id: &InstanceId, room: &str) -> Option<Reviver> {
        self.live(id)?.reviver(room)
    }

    /// # Errors
    /// Why it was not done.
    pub async fn order(&self, id: &InstanceId, wish: Wish) -> Result<(), String> {
        let live = self.live(id).ok_or_else(|| format!("{id} does not run"))?;
        live.order(wish).await
    }

    pub fn status(&self) -> Vec<Value> {
        self.all().iter().map(|live| live.status()).collect()
    }

    fn live(&self, id: &InstanceId) -> Option<Arc<Live>> {
        self.all().into_iter().find(|live| live.id == *id)
    }

    fn names(&self, which: impl Fn(&InstanceId) -> bool) -> String {
        let names: Vec<String> = self
            .all()
            .iter()
            .map(|live| &live.id)
            .filter(|id| which(id))
            .map(InstanceId::to_string)
            .collect();
        if names.is_empty() { "none".into() } else { names.join(", ") }
    }
}
