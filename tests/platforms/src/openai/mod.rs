//! An OpenAI-compatible server of Chat Completions, in memory: one key, a few models, streamed answers.
//!
//! Written from OpenAI's API reference ("Create chat completion", "Streaming", "Error codes") and the WHATWG rules for
//! event streams. It speaks HTTP by hand over TCP, because the faults it is asked for are about bytes: an answer that
//! ends inside a chunk, a reset after the last byte arrived, a cut inside a character. hyper makes none of them.
//!
//! What nothing is said about gets an echo of the user's last message, so that a whole house can run against it.
//!
//! ```no_run
//! # async fn story() -> anyhow::Result<()> {
//! use platforms::openai::{Api, Reply, Stream};
//!
//! let api = Api::start().await?;
//! // ... point a backend at api.base_url() with api.key() and api.model() ...
//! api.will_times(2, Reply::status(429).retry_after("1"));
//! api.will(Stream::of(["Hel", "lo"]).cut_short());
//! api.will(Stream::of([" again"]));
//! assert_eq!(api.asked(4).await[3].text(), Some("hello?"));
//! # Ok(())
//! # }
//! ```

mod events;
mod http;
mod judge;
mod record;
mod reply;
mod script;
mod server;
mod settings;
mod stream;
mod talk;
mod wait;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, Semaphore};

pub use record::{Record, Request};
pub use reply::Reply;
pub use script::Answer;
pub use settings::Settings;
pub use stream::Stream;

use script::Script;
use server::Server;

/// One server of your own. Clones are handles of the same one; with the last it goes away and cuts every connection.
#[derive(Clone)]
pub struct Api {
    shared: Arc<Shared>,
    server: Arc<Server>,
}

/// What the connections and the story share.
struct Shared {
    settings: Settings,
    script: Mutex<Script>,
    record: Mutex<Record>,
    changed: Notify,
    /// One permit lets one held stream go on.
    releases: Semaphore,
}

impl Api {
    /// On a free port of 127.0.0.1, listening when this returns.
    ///
    /// # Errors
    /// No port could be bound.
    pub async fn start() -> anyhow::Result<Self> {
        Self::start_with(Settings::default()).await
    }

    /// With another key, other models or a port of your choice.
    ///
    /// # Errors
    /// The port is taken.
    pub async fn start_with(settings: Settings) -> anyhow::Result<Self> {
        let shared = Arc::new(Shared {
            record: Mutex::new(Record::new(settings.keep)),
            settings,
            script: Mutex::default(),
            changed: Notify::new(),
            releases: Semaphore::new(0),
        });
        let server = Arc::new(Server::start(Arc::clone(&shared)).await?);
        Ok(Self { shared, server })
    }

    /// What goes into a configuration: `http://127.0.0.1:<port>/v1`, the same after a restart.
    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.server.address())
    }

    /// The port alone.
    pub fn port(&self) -> u16 {
        self.server.address().port()
    }

    /// The one key that is taken.
    pub fn key(&self) -> &str {
        &self.shared.settings.key
    }

    /// The first of the models.
    pub fn model(&self) -> &str {
        self.shared.settings.models.first().map_or("", String::as_str)
    }

    /// The next request that is in order gets this, after what was already scripted.
    pub fn will(&self, answer: impl Into<Answer>) {
        self.will_times(1, answer);
    }

    /// The next `times` requests get this, each.
    pub fn will_times(&self, times: u32, answer: impl Into<Answer>) {
        self.shared.script().add(times, answer.into());
    }

    /// Whatever is not scripted gets this instead of the echo.
    pub fn always(&self, answer: impl Into<Answer>) {
        self.shared.script().always = answer.into();
    }

    /// Nothing is scripted any more: back to the echo. Streams that are held stay held.
    pub fn heal(&self) {
        *self.shared.script() = Script::default();
    }

    /// Let one stream go on that is held, or the next that will be.
    pub fn release(&self) {
        self.shared.releases.add_permits(1);
    }

    /// Refuse connections and cut those there are, until `listen_again`. Script and record stay.
    ///
    /// # Errors
    /// The port could not be kept.
    pub async fn stop_listening(&self) -> anyhow::Result<()> {
        self.server.close().await?;
        self.wait_for("every connection to end", |record| (record.connections_open() == 0).then_some(()))
            .await;
        Ok(())
    }

    /// Listen on the same port again.
    ///
    /// # Errors
    /// Somebody else has the port by now.
    pub async fn listen_again(&self) -> anyhow::Result<()> {
        self.server.open().await
    }
}

/// No code that can panic runs under these locks, but for a test's own look at the record.
impl Shared {
    fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn record(&self) -> MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, happening: impl FnOnce(&mut Record)) {
        happening(&mut self.record());
        self.changed.notify_waiters();
    }
}
