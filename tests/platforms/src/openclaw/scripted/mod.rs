//! A scripted gateway: OpenClaw's protocol over real WebSockets, with runs that do what a test tells them, and crashes.
//!
//! ```no_run
//! # async fn story() -> anyhow::Result<()> {
//! use platforms::openclaw::scripted::{Gateway, Step};
//!
//! let gateway = Gateway::start().await?;
//! gateway.next_run([Step::delta("Well"), Step::Hold, Step::last("Well, hello.")]);
//! // ... point a client at gateway.url() with gateway.token() and have it ask something ...
//! gateway.prompted(1).await;
//! gateway.kill().await?;
//! gateway.revive().await?;
//! gateway.resume();
//! gateway.ended(1).await;
//! assert!(gateway.record(|record| record.submitted_twice().is_empty()));
//! # Ok(())
//! # }
//! ```
//!
//! Written from a description of the protocol and from what the real gateway was seen to do, never from a client. As strict
//! as the real one: unknown keys, wrong values, missing scopes and unsigned devices are refused.

mod connection;
mod devices;
mod ends;
mod handshake;
mod methods;
mod record;
mod refusal;
mod runs;
mod script;
mod server;
mod sessions;
mod settings;
mod shape;
mod signature;
mod state;
mod wait;

use std::sync::Arc;

use serde_json::{Value, json};

pub use devices::Pairing;
pub use record::{Prompt, Record, Request};
pub use script::Step;
pub use settings::{Recovery, Settings};

use server::Server;
use sessions::canonical;
use state::{Memory, Shared};

/// One gateway of your own. Clones are handles of the same one; with the last it goes away and cuts every connection.
#[derive(Clone)]
pub struct Gateway {
    shared: Arc<Shared>,
    server: Arc<Server>,
}

impl Gateway {
    /// A gateway on a free port of 127.0.0.1, listening when this returns. Its runs echo.
    ///
    /// # Errors
    /// No port could be bound.
    pub async fn start() -> anyhow::Result<Self> {
        Self::start_with(Settings::default()).await
    }

    /// Like `start`, with other settings.
    ///
    /// # Errors
    /// No port could be bound.
    pub async fn start_with(settings: Settings) -> anyhow::Result<Self> {
        let shared = Arc::new(Shared::new(settings));
        let server = Arc::new(Server::start(Arc::clone(&shared)).await?);
        Ok(Self { shared, server })
    }

    /// `ws://127.0.0.1:<port>`, the same after a crash.
    pub fn url(&self) -> String {
        format!("ws://{}", self.server.address())
    }

    pub fn port(&self) -> u16 {
        self.server.address().port()
    }

    /// The shared token.
    pub fn token(&self) -> &str {
        &self.shared.settings.token
    }

    /// What the next run does that has no script yet: each script is for one run, or for one refusal of it.
    pub fn next_run(&self, steps: impl IntoIterator<Item = Step>) {
        let steps = steps.into_iter().collect();
        self.shared.change(|state| state.script.add(steps));
    }

    /// Let one `Step::Hold` go on, now or when it comes.
    pub fn release(&self) {
        self.shared.releases.add_permits(1);
    }

    /// Crash: connections, runs, subscriptions and keys are gone, connecting is refused. Rows, inputs that waited for
    /// their turn and devices stay.
    ///
    /// # Errors
    /// The port could not be kept.
    pub async fn kill(&self) -> anyhow::Result<()> {
        self.shared.change(|state| {
            for task in state.memory.runs.values().filter_map(|run| run.task.as_ref()) {
                task.abort();
            }
            state.memory = Memory::default();
        });
        self.server.close().await?;
        self.alone().await;
        Ok(())
    }

    /// Start again after a crash, on the same port. What becomes of runs that had not ended says `Recovery`.
    ///
    /// # Errors
    /// Somebody else has the port by now.
    pub async fn revive(&self) -> anyhow::Result<()> {
        self.shared.change(|state| {
            let interrupted = state.sessions.interrupt();
            runs::recover(&self.shared, state, interrupted);
        });
        self.server.open(Arc::clone(&self.shared)).await
    }

    /// What happens after the next crash.
    pub fn after_crash(&self, recovery: Recovery) {
        self.shared.change(|state| state.recovery = recovery);
    }

    /// Let one run that a crash interrupted go on, now or when it is back. What it does then is the next script.
    pub fn resume(&self) {
        self.shared.resumes.add_permits(1);
    }

    /// Close every connection with this code, or without a word for 1006. Runs go on.
    pub fn cut(&self, code: u16) {
        self.shared.change(|state| state.close_all(code, ""));
    }

    /// Say that it shuts down, then close with 1012, as for a restart. Nothing is lost.
    pub fn announce_restart(&self) {
        self.shared.change(|state| {
            let payload = json!({ "reason": "service restart", "restartExpectedMs": 1_500 });
            for connection in state.memory.connections.values_mut() {
                connection.event("shutdown", &payload);
            }
            state.close_all(1012, "service restart");
        });
    }

    /// The next `count` connections are told that the gateway still starts.
    pub fn still_starting(&self, count: u32) {
        self.shared.change(|state| state.starting = count);
    }

    /// No more ticks: a connection that is open and dead.
    pub fn stop_ticking(&self) {
        self.shared.change(|state| state.ticking = false);
    }

    /// From now on new devices, and those that want more, wait for `approve`.
    pub fn require_pairing(&self) {
        self.shared.change(|state| state.devices.pairing_required = true);
    }

    /// Devices that wait.
    pub fn pairings(&self) -> Vec<Pairing> {
        self.shared.state().devices.pending()
    }

    /// Let a device in that waits; answers whether there was such a request.
    pub fn approve(&self, request_id: &str) -> bool {
        self.shared.change(|state| state.devices.approve(request_id))
    }

    /// Forget a device and its token: its connections are closed with 4001. Answers whether it was known.
    pub fn remove_device(&self, device_id: &str) -> bool {
        self.shared.change(|state| {
            state.close_device(device_id);
            state.devices.remove(device_id)
        })
    }

    /// The rows of a session, oldest first.
    pub fn rows(&self, session: &str) -> Vec<Value> {
        let key = canonical(session);
        let state = self.shared.state();
        let answer = sessions::history(state.sessions.get(&key), &key, &[], &json!({ "limit": 1_000 }));
        answer["messages"].as_array().cloned().unwrap_or_default()
    }
}
