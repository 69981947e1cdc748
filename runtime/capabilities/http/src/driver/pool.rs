//! The connections of one instance, and the tasks that drive them.
use super::body::Outgoing;
use super::connector::Connector;
use super::limits::Limits;
use hyper_util::client::legacy;
use hyper_util::rt::TokioTimer;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};
use tracing::{Instrument, Span};

pub(super) type Pool = legacy::Client<Connector, Outgoing>;

const A_MOMENT: Duration = Duration::from_millis(1);

/// A connection that comes back to the pool gives no socket free.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

pub(super) struct Pools {
    connector: Connector,
    limits: Limits,
    current: Mutex<Current>,
    tasks: Arc<Mutex<JoinSet<()>>>,
    span: Span,
}

struct Current {
    pool: Option<Pool>,
    since: Instant,
}

impl Default for Current {
    fn default() -> Self {
        Self { pool: None, since: Instant::now() }
    }
}

impl Pools {
    /// The current span becomes that of the connections' tasks.
    pub(super) fn new(connector: Connector, limits: Limits) -> Self {
        Self { connector, limits, current: Mutex::default(), tasks: Arc::default(), span: Span::current() }
    }

    pub(super) fn open_connections(&self) -> usize {
        self.limits.connections - self.connector.sockets.available_permits()
    }

    /// The connections to take from.
    pub(super) fn current(&self) -> Pool {
        self.lock().pool.get_or_insert_with(|| self.begin()).clone()
    }

    /// There was no socket: waits until one may be free, or a connection that is in the pool. Mostly idle ones at other
    /// names have them, and hyper's pool closes none to make room. So a new pool is begun; the old one goes with its
    /// last request, and its idle sockets with it.
    pub(super) async fn socket(&self) {
        {
            let mut current = self.lock();
            // Once for all who wait: the next pool's connections are not idle yet.
            if current.since.elapsed() >= LOOK_AGAIN {
                *current = Current::default();
            }
        }
        // NB: first a moment for those who close: a permit that is there may be taken before us, again and again.
        sleep(A_MOMENT).await;
        let _ = timeout(LOOK_AGAIN, self.connector.sockets.acquire()).await;
    }

    fn lock(&self) -> MutexGuard<'_, Current> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(&self) -> Pool {
        legacy::Client::builder(Tasks { set: Arc::downgrade(&self.tasks), span: self.span.clone() })
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(self.limits.idle)
            .pool_max_idle_per_host(self.limits.idle_per_host)
            // Only what a closed connection gave back unwritten is sent again.
            .retry_canceled_requests(true)
            .http1_max_buf_size(self.limits.response_head_bytes.max(8 << 10))
            .http1_max_headers(self.limits.response_headers)
            .build(self.connector.clone())
    }
}

/// Where hyper's tasks run: one per connection, one that closes idle ones. Owned by the client and ended with it.
#[derive(Clone)]
struct Tasks {
    /// Weak, because a task may hold this.
    set: Weak<Mutex<JoinSet<()>>>,
    span: Span,
}

impl<F: Future<Output = ()> + Send + 'static> hyper::rt::Executor<F> for Tasks {
    fn execute(&self, task: F) {
        let Some(set) = self.set.upgrade() else { return };
        let mut set = set.lock().unwrap_or_else(PoisonError::into_inner);
        while set.try_join_next().is_some() {}
        set.spawn(task.instrument(self.span.clone()));
    }
}
