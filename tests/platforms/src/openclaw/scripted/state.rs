//! Everything a scripted gateway knows, under one lock: what is on disk, what a crash forgets, and what the test sees.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use tokio::sync::{Notify, Semaphore, mpsc};
use tokio::task::AbortHandle;
use uuid::Uuid;

use super::devices::{Devices, allows};
use super::record::Record;
use super::script::Script;
use super::sessions::Sessions;
use super::settings::{Recovery, Settings};

/// What one client may leave unread. Past it events are dropped, which it sees in their numbers.
pub(super) const UNREAD: usize = 4_096;

pub(super) struct Shared {
    pub(super) settings: Settings,
    state: Mutex<State>,
    /// Woken by everything that happens.
    pub(super) changed: Notify,
    /// For steps that hold.
    pub(super) releases: Semaphore,
    /// For runs that go on after a crash.
    pub(super) resumes: Semaphore,
    pub(super) begun: Instant,
}

pub(super) struct State {
    pub(super) sessions: Sessions,
    pub(super) devices: Devices,
    pub(super) memory: Memory,
    pub(super) script: Script,
    pub(super) record: Record,
    pub(super) recovery: Recovery,
    /// Connections that are still to be told to come back later.
    pub(super) starting: u32,
    pub(super) ticking: bool,
}

/// What a crash forgets.
#[derive(Default)]
pub(super) struct Memory {
    pub(super) connections: HashMap<u64, Connection>,
    pub(super) runs: HashMap<String, Run>,
    /// Runs that wait for their turn, by session; the first has it.
    pub(super) lanes: HashMap<String, VecDeque<String>>,
}

pub(super) struct Run {
    pub(super) session: String,
    pub(super) text: String,
    pub(super) system: String,
    /// Who gets the second answer.
    pub(super) asked: Option<(u64, String)>,
    /// What there is of the answer.
    pub(super) so_far: String,
    pub(super) seq: u64,
    /// The payload of the second answer.
    pub(super) ended: Option<Value>,
    pub(super) task: Option<AbortHandle>,
}

/// One client that was let in.
pub(super) struct Connection {
    pub(super) scopes: Vec<String>,
    pub(super) scoped: bool,
    pub(super) device: Option<String>,
    pub(super) subscribed: HashSet<String>,
    pub(super) seq: u64,
    pub(super) to: mpsc::Sender<Outgoing>,
    /// What `system-presence` says of it.
    pub(super) presence: Value,
}

pub(super) enum Outgoing {
    Frame(Value),
    /// With 1006 without a word.
    Close(u16, String),
}

impl Shared {
    pub(super) fn new(settings: Settings) -> Self {
        let state = State {
            sessions: Sessions::default(),
            devices: Devices::default(),
            memory: Memory::default(),
            script: Script::default(),
            record: Record::default(),
            recovery: settings.recovery,
            starting: 0,
            ticking: true,
        };
        Self {
            settings,
            state: Mutex::new(state),
            changed: Notify::new(),
            releases: Semaphore::new(0),
            resumes: Semaphore::new(0),
            begun: Instant::now(),
        }
    }

    /// A look that panics is a test that fails: the state itself is whole, so the next one may read it.
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Change something, and wake whoever waits for it.
    pub(super) fn change<T>(&self, how: impl FnOnce(&mut State) -> T) -> T {
        let done = how(&mut self.state());
        self.changed.notify_waiters();
        done
    }
}

impl State {
    /// To everybody who may see it: all that read, or of those that want only what they subscribed, these.
    pub(super) fn tell_session(&mut self, event: &str, session: &str, payload: &Value) {
        for connection in self.memory.connections.values_mut() {
            let wanted = !connection.scoped || connection.subscribed.contains(session);
            if wanted && allows(&connection.scopes, "operator.read") {
                connection.event(event, payload);
            }
        }
    }

    /// A new row, to those who subscribed the session.
    pub(super) fn tell_row(&mut self, session: &str, row: &Value) {
        let ours = &row["__openclaw"];
        let payload = json!({
            "sessionKey": session, "message": row, "messageId": ours["id"], "messageSeq": ours["seq"],
        });
        for connection in self.memory.connections.values_mut() {
            if connection.subscribed.contains(session) {
                connection.event("session.message", &payload);
            }
        }
    }

    /// An answer to a request of this connection, if it is still there.
    pub(super) fn answer(&mut self, connection: u64, frame: Value) {
        if let Some(connection) = self.memory.connections.get(&connection) {
            connection.send(Outgoing::Frame(frame));
        }
    }

    pub(super) fn close_all(&mut self, code: u16, reason: &str) {
        for (_, connection) in self.memory.connections.drain() {
            connection.send(Outgoing::Close(code, reason.to_owned()));
        }
    }

    /// Whoever was let in with this device.
    pub(super) fn close_device(&mut self, device: &str) {
        self.memory.connections.retain(|_, connection| {
            let theirs = connection.device.as_deref() == Some(device);
            if theirs {
                connection.send(Outgoing::Close(4001, "device removed".to_owned()));
            }
            !theirs
        });
    }

    /// Runs of a session that have begun and not ended, and that wait.
    pub(super) fn lane(&self, session: &str) -> Vec<String> {
        self.memory.lanes.get(session).map(|lane| lane.iter().cloned().collect()).unwrap_or_default()
    }
}

impl Connection {
    pub(super) fn event(&mut self, event: &str, payload: &Value) {
        self.seq += 1;
        let frame = json!({ "type": "event", "event": event, "payload": payload, "seq": self.seq });
        self.send(Outgoing::Frame(frame));
    }

    pub(super) fn send(&self, what: Outgoing) {
        // Full: it reads too slowly and finds a gap. Closed: it left.
        let _ = self.to.try_send(what);
    }
}

pub(super) fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

pub(super) fn unique() -> String {
    Uuid::now_v7().to_string()
}
