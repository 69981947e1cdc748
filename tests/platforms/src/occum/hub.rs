//! The open sockets and who is behind each of them: one event goes out to every socket of every member.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::ws::Utf8Bytes;
use tokio::sync::mpsc;

use super::event::Agent;
use super::line::Cut;

/// Frames waiting for one socket, half a minute of a fast bench. A client that reads slower than this is cut off, as
/// a platform with many clients would do.
const QUEUE_FRAMES: usize = 65_536;

/// What a socket's task is told to write.
pub(super) enum Outgoing {
    Text(Utf8Bytes),
    Binary(Bytes),
    Close { code: u16, reason: Utf8Bytes },
}

#[derive(Default)]
pub(super) struct Hub {
    sockets: BTreeMap<u64, Socket>,
    by_agent: HashMap<String, BTreeSet<u64>>,
    opened: u64,
}

struct Socket {
    agent: Option<Arc<Agent>>,
    queue: mpsc::Sender<Outgoing>,
    cut: Cut,
}

impl Hub {
    pub(super) fn open(&mut self, cut: Cut) -> (u64, mpsc::Receiver<Outgoing>) {
        let (queue, outgoing) = mpsc::channel(QUEUE_FRAMES);
        self.opened += 1;
        self.sockets.insert(self.opened, Socket { agent: None, queue, cut });
        (self.opened, outgoing)
    }

    /// From now on this socket gets the agent's events.
    pub(super) fn admit(&mut self, socket: u64, agent: Arc<Agent>) {
        self.by_agent.entry(agent.id.clone()).or_default().insert(socket);
        if let Some(socket) = self.sockets.get_mut(&socket) {
            socket.agent = Some(agent);
        }
    }

    pub(super) fn close(&mut self, socket: u64) {
        let Some(gone) = self.sockets.remove(&socket) else { return };
        let Some(agent) = gone.agent else { return };
        if let Some(sockets) = self.by_agent.get_mut(&agent.id) {
            sockets.remove(&socket);
        }
    }

    /// Queue one frame for one socket; one that cannot keep up is cut.
    pub(super) fn send(&self, socket: u64, frame: Outgoing) {
        let Some(socket) = self.sockets.get(&socket) else { return };
        if let Err(mpsc::error::TrySendError::Full(_)) = socket.queue.try_send(frame) {
            tracing::warn!(limit = QUEUE_FRAMES, "a socket reads too slowly and is cut");
            socket.cut.now();
        }
    }

    /// Queue one text for every socket of these agents.
    pub(super) fn fan_out<'a>(&self, agents: impl Iterator<Item = &'a String>, text: &Utf8Bytes) {
        for socket in agents.filter_map(|agent| self.by_agent.get(agent)).flatten() {
            self.send(*socket, Outgoing::Text(text.clone()));
        }
    }

    /// The sockets of one agent, or all of them, also those that have not said who they are.
    pub(super) fn of(&self, agent: Option<&str>) -> Vec<u64> {
        match agent {
            Some(agent) => self.by_agent.get(agent).into_iter().flatten().copied().collect(),
            None => self.sockets.keys().copied().collect(),
        }
    }

    pub(super) fn cut(&self, socket: u64) {
        if let Some(socket) = self.sockets.get(&socket) {
            socket.cut.now();
        }
    }
}
