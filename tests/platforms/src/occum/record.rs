//! What happened so far. Counts are exact for ever; the things themselves are kept up to `Settings::keep`.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::Arc;

use super::event::Event;
use super::happening::{Frame, Happening, Request};
use super::kept::Kept;
use super::requests::Requests;
use super::work::WorkSession;

/// Lines shown when something awaited did not happen.
const RECENT: usize = 40;

pub struct Record {
    requests: Kept<Arc<Request>>,
    answered: u64,
    frames: Kept<Arc<Frame>>,
    posts: HashMap<String, Kept<Arc<Event>>>,
    work: Kept<Arc<WorkSession>>,
    work_places: HashMap<(String, String), u64>,
    work_completed: HashMap<String, u64>,
    connections_opened: u64,
    connections_closed: u64,
    sockets: BTreeSet<u64>,
    sockets_opened: u64,
    authenticated: u64,
    events: u64,
    recent: Kept<Happening>,
    keep: usize,
}

impl Record {
    /// Requests that arrived, oldest first, those without an answer yet and the WebSocket upgrades included.
    pub fn requests(&self) -> impl Iterator<Item = &Arc<Request>> {
        self.requests.items.iter()
    }

    /// Requests of one kind that arrived, oldest first.
    pub fn asked(&self, which: &Requests) -> Vec<Arc<Request>> {
        self.requests().filter(|request| which.matches(&request.method, &request.path)).cloned().collect()
    }

    /// All requests that ever arrived.
    pub fn requests_count(&self) -> u64 {
        self.requests.total
    }

    /// All requests that were dealt with.
    pub fn answered_count(&self) -> u64 {
        self.answered
    }

    /// Frames from clients, oldest first.
    pub fn frames(&self) -> impl Iterator<Item = &Arc<Frame>> {
        self.frames.items.iter()
    }

    /// Frames from clients whose `type` is `kind`, oldest first.
    pub fn frames_of(&self, kind: &str) -> Vec<Arc<Frame>> {
        self.frames().filter(|frame| frame.kind().as_deref() == Some(kind)).cloned().collect()
    }

    /// All frames that ever came.
    pub fn frames_count(&self) -> u64 {
        self.frames.total
    }

    /// Messages posted into a channel over REST, in order. What `say_as` says is not among them.
    pub fn posts(&self, channel: &str) -> Vec<Arc<Event>> {
        self.posts.get(channel).map(|posts| posts.items.iter().cloned().collect()).unwrap_or_default()
    }

    /// How many were ever posted into a channel.
    pub fn posts_count(&self, channel: &str) -> u64 {
        self.posts.get(channel).map_or(0, |posts| posts.total)
    }

    /// Work sessions of a channel as they stand now, in the order they were first opened.
    pub fn work(&self, channel: &str) -> Vec<Arc<WorkSession>> {
        self.work.items.iter().filter(|session| session.channel == channel).cloned().collect()
    }

    /// How many sessions of a channel were completed, each counted once.
    pub fn work_completed_count(&self, channel: &str) -> u64 {
        self.work_completed.get(channel).copied().unwrap_or(0)
    }

    /// TCP connections that ever came.
    pub fn connections_opened(&self) -> u64 {
        self.connections_opened
    }

    /// TCP connections that are gone.
    pub fn connections_closed(&self) -> u64 {
        self.connections_closed
    }

    /// TCP connections there are now.
    pub fn connections_open(&self) -> u64 {
        self.connections_opened - self.connections_closed
    }

    /// WebSockets that ever opened.
    pub fn sockets_opened(&self) -> u64 {
        self.sockets_opened
    }

    /// WebSockets there are now.
    pub fn sockets_open(&self) -> usize {
        self.sockets.len()
    }

    /// How often a WebSocket was authenticated.
    pub fn authenticated(&self) -> u64 {
        self.authenticated
    }

    /// Events that ever happened, in all channels.
    pub fn events_count(&self) -> u64 {
        self.events
    }

    pub(super) fn new(keep: usize) -> Self {
        Self {
            requests: Kept::new(keep),
            answered: 0,
            frames: Kept::new(keep),
            posts: HashMap::new(),
            work: Kept::new(keep),
            work_places: HashMap::new(),
            work_completed: HashMap::new(),
            connections_opened: 0,
            connections_closed: 0,
            sockets: BTreeSet::new(),
            sockets_opened: 0,
            authenticated: 0,
            events: 0,
            recent: Kept::new(RECENT.min(keep)),
            keep,
        }
    }

    pub(super) fn is_open(&self, socket: u64) -> bool {
        self.sockets.contains(&socket)
    }

    pub(super) fn add(&mut self, happening: Happening) {
        match &happening {
            Happening::Listening { .. } | Happening::Stopped | Happening::Missed(_) => {}
            Happening::Connected { .. } => self.connections_opened += 1,
            Happening::Disconnected { .. } => self.connections_closed += 1,
            Happening::Asked(request) => drop(self.requests.push(Arc::clone(request))),
            Happening::Answered(_) => self.answered += 1,
            Happening::Opened { socket } => {
                self.sockets_opened += 1;
                self.sockets.insert(*socket);
            }
            Happening::Authenticated { .. } => self.authenticated += 1,
            Happening::Frame(frame) => drop(self.frames.push(Arc::clone(frame))),
            Happening::Closed { socket, .. } => drop(self.sockets.remove(socket)),
            Happening::Event(_) => self.events += 1,
            Happening::Posted(event) => {
                self.events += 1;
                let keep = self.keep;
                let posts = self.posts.entry(event.channel_id.clone()).or_insert_with(|| Kept::new(keep));
                posts.push(Arc::clone(event));
            }
            Happening::Work(session) => self.add_work(session),
        }
        self.recent.push(happening);
    }

    fn add_work(&mut self, session: &Arc<WorkSession>) {
        if session.summary.is_some() && session.completed == 1 {
            *self.work_completed.entry(session.channel.clone()).or_default() += 1;
        }
        let key = (session.channel.clone(), session.id.clone());
        if let Some(known) = self.work_places.get(&key).and_then(|place| self.work.at(*place)) {
            *known = Arc::clone(session);
            return;
        }
        self.work_places.insert(key, self.work.total);
        if let Some(forgotten) = self.work.push(Arc::clone(session)) {
            self.work_places.remove(&(forgotten.channel.clone(), forgotten.id.clone()));
        }
    }
}

/// What was seen, for whoever waited in vain.
impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} requests ({} answered), {} frames, {} events, {} posts, {} of {} sockets open, {} authentications",
            self.requests.total,
            self.answered,
            self.frames.total,
            self.events,
            self.posts.values().map(|posts| posts.total).sum::<u64>(),
            self.sockets.len(),
            self.sockets_opened,
            self.authenticated,
        )?;
        writeln!(f, "and lately:")?;
        self.recent.items.iter().try_for_each(|happening| writeln!(f, "  {happening}"))
    }
}
