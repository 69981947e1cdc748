//! Publishing: the picture for whoever watches.

use crate::ControlCenter;
use crate::line::Phase;
use crate::memory::Memory;
use crate::picture::Part;
use crate::{keep, name};
use sdk::{log, publish, timers};
use serde_json::{Value, json};

/// The key of the connection itself.
pub(crate) const GATEWAY: &str = "gateway";

/// The key of one thing, in the store and among what is published.
pub(crate) fn key(part: &Part) -> String {
    let (shelf, id) = match part {
        Part::Agent(id) => ("agents", id),
        Part::Session(key) => ("sessions", key),
        Part::Presence(id) => ("presence", id),
    };
    format!("{shelf}/{}", name::of(id))
}

impl ControlCenter {
    /// What changed.
    pub(crate) fn show(&self) {
        let (unshown, is_unsaved) = self.memory.with(|memory| {
            for part in memory.picture.take_touched() {
                memory.shelf.put(key(&part), memory.picture.value(&part));
            }
            let is_unsaved = !memory.shelf.is_saved() && !std::mem::replace(&mut memory.is_keeping, true);
            (memory.shelf.take_unshown(), is_unsaved)
        });
        for (key, value) in unshown {
            match value {
                None => drop(publish::remove(&key)),
                Some(value) => self.set(key, &value),
            }
        }
        let gateway = self.memory.with(|memory| gateway(memory));
        self.set(GATEWAY.into(), &gateway);
        if is_unsaved && let Err(error) = timers::once(keep::TIMER, keep::DELAY) {
            self.memory.with(|memory| memory.is_keeping = false);
            log::warn!("could not set the timer that saves the picture: {error}");
        }
    }

    /// All of it: an earlier life of the instance may have left anything.
    pub(crate) fn show_all(&self) {
        for key in publish::keys() {
            if key != GATEWAY && !self.memory.with(|memory| memory.shelf.wants(&key)) {
                publish::remove(&key);
            }
        }
        self.show();
    }

    fn set(&self, key: String, value: &Value) {
        if let Err(error) = publish::set(&key, value) {
            self.memory.with(|memory| {
                memory.failed(&format!("publishing {key}: {error}"));
                memory.shelf.hide(key);
            });
            log::warn!("could not publish a part of the picture: {error}");
        }
    }
}

fn gateway(memory: &Memory) -> Value {
    let greeting = memory.line.greeting.as_ref();
    json!({
        "state": state(memory),
        "stale": memory.is_stale,
        "connectionId": greeting.map(|greeting| &greeting.connection_id),
        "protocol": greeting.map(|greeting| greeting.protocol),
        "version": greeting.map(|greeting| &greeting.version),
        "defaultAgent": greeting.and_then(|greeting| greeting.default_agent.as_ref()),
        "health": memory.picture.health(),
        "agents": memory.picture.agents().len(),
        "sessions": memory.picture.session_count(),
        "sessionsTotal": memory.refresh.total(),
        "presence": memory.picture.presence_count(),
        "lastError": memory.last_error,
    })
}

/// In one word.
pub(crate) fn state(memory: &Memory) -> &'static str {
    let is_failed = memory.reported.as_ref().is_some_and(|(state, _)| *state == sdk::status::State::Failed);
    match memory.line.phase() {
        Phase::Up => "connected",
        _ if is_failed => "failed",
        Phase::Resuming { .. } | Phase::HalfOpen => "unknown",
        Phase::Closed => "disconnected",
        Phase::Challenge { .. } | Phase::Hello { .. } => "connecting",
    }
}
