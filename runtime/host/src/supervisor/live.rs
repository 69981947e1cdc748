//! One instance, as it can be seen and steered from outside of its task.
use contract::{Gauge, Reviver};
use engine::{Health, Share, State, Watch};
use ports::identity::InstanceId;
use ports::limit::Hits;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// What an operator may want of an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wish {
    /// End in order, close everything, and stay so.
    Pause,
    /// Begin again after a pause, a quarantine or a failure.
    Resume,
    /// Pause, then resume: a fresh instance, and a fresh socket for each that it names.
    Restart,
}

/// Answered when it is done.
pub struct Order {
    pub wish: Wish,
    pub done: oneshot::Sender<Result<(), &'static str>>,
}

pub struct Live {
    pub id: InstanceId,
    pub health: Arc<Health>,
    pub hits: Arc<Hits>,
    pub share: Share,
    orders: mpsc::Sender<Order>,
    /// Of the present session, while there is one.
    watch: RwLock<Option<Watch>>,
}

/// For an instance to end in order: its handlers, then `stop`.
const PATIENCE: Duration = Duration::from_secs(90);

impl Live {
    pub fn new(id: InstanceId, hits: Arc<Hits>, share: Share) -> (Arc<Self>, mpsc::Receiver<Order>) {
        let (orders, ordered) = mpsc::channel(8);
        let (health, watch) = (Arc::default(), RwLock::default());
        (Arc::new(Self { id, health, hits, share, orders, watch }), ordered)
    }

    pub fn shows(&self, watch: Option<Watch>) {
        *self.watch.write().unwrap_or_else(PoisonError::into_inner) = watch;
    }

    /// # Errors
    /// Why it was not done.
    pub async fn order(&self, wish: Wish) -> Result<(), String> {
        let (done, answer) = oneshot::channel();
        let gone = |_| format!("{} has ended", self.id);
        let ordering = async {
            self.orders.send(Order { wish, done }).await.map_err(|error| gone(error.to_string()))?;
            let done = answer.await.map_err(|error| gone(error.to_string()))?;
            done.map_err(|why| format!("{}: {why}", self.id))
        };
        match tokio::time::timeout(PATIENCE, ordering).await {
            Ok(done) => done,
            Err(_) => Err(format!("{} has not ended in order yet; it will", self.id)),
        }
    }

    pub fn reviver(&self, room: &str) -> Option<Reviver> {
        let watch = self.watch.read().unwrap_or_else(PoisonError::into_inner);
        let (_, reviver) = watch.as_ref()?.revivers.iter().find(|(name, _)| *name == room)?;
        Some(reviver.clone())
    }

    /// What `status` and the metrics show.
    pub fn status(&self) -> Value {
        let (gauges, lag) = self.gauges();
        let rooms: Map<String, Value> =
            gauges.iter().map(|(room, gauge)| ((*room).to_owned(), gauge())).collect();
        let hits: Map<String, Value> =
            self.hits.all().map(|(limit, hits)| (limit.name().to_owned(), hits.into())).collect();
        json!({
            "instance": self.id.to_string(), "health": self.health.snapshot(), "rooms": rooms,
            "lag_ms": lag.as_millis() as u64, "cpu_ms": self.share.used().as_millis() as u64, "limits_hit": hits,
        })
    }

    pub fn state(&self) -> State {
        self.health.state()
    }

    /// Of one room; null where nothing runs.
    pub fn gauge(&self, room: &str) -> Value {
        let (gauges, _) = self.gauges();
        gauges.iter().find(|(name, _)| *name == room).map_or(Value::Null, |(_, gauge)| gauge())
    }

    /// Age of the oldest event that is not dealt with.
    pub fn lag(&self) -> Duration {
        self.gauges().1
    }

    fn gauges(&self) -> (Arc<[(&'static str, Gauge)]>, Duration) {
        let watch = self.watch.read().unwrap_or_else(PoisonError::into_inner);
        match &*watch {
            Some(watch) => (watch.gauges.clone(), watch.lag.now()),
            None => (Arc::default(), Duration::ZERO),
        }
    }
}
