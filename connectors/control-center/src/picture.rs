//! The picture of the gateway: its agents, sessions and presence, and what of it changed.

use crate::agent::Agent;
use crate::field::{self, ID};
use crate::presence::Presence;
use crate::session::Session;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Agents that are known; a gateway has a handful.
pub(crate) const MOST_AGENTS: usize = 200;

/// One thing of the picture.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part {
    Agent(String),
    Session(String),
    Presence(String),
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Health {
    pub(crate) ok: bool,
    pub(crate) degraded: bool,
    /// Milliseconds since 1970, by the gateway's clock.
    pub(crate) at: u64,
}

#[derive(Default)]
pub(crate) struct Picture {
    most_sessions: usize,
    agents: BTreeMap<String, Agent>,
    sessions: BTreeMap<String, Session>,
    presence: BTreeMap<String, Presence>,
    health: Option<Health>,
    /// The gateway listed its agents: one that only a session names is none of them any more.
    is_listed: bool,
    touched: BTreeSet<Part>,
}

/// What it shows.
impl Picture {
    pub(crate) fn new(most_sessions: usize) -> Self {
        Self { most_sessions, ..Self::default() }
    }

    pub(crate) fn agents(&self) -> impl ExactSizeIterator<Item = &Agent> {
        self.agents.values()
    }

    pub(crate) fn agent(&self, id: &str) -> Option<&Agent> {
        self.agents.get(id)
    }

    pub(crate) fn session_count(&self) -> usize {
        self.sessions.len()
    }

    pub(crate) fn session(&self, key: &str) -> Option<&Session> {
        self.sessions.get(key)
    }

    /// Newest first.
    pub(crate) fn sessions_of(&self, agent: &str) -> Vec<&Session> {
        let mut sessions: Vec<_> = self.sessions.values().filter(|session| session.agent == agent).collect();
        sessions.sort_by(|one, other| {
            other.updated_at.cmp(&one.updated_at).then_with(|| one.key.cmp(&other.key))
        });
        sessions
    }

    pub(crate) fn presence_count(&self) -> usize {
        self.presence.len()
    }

    pub(crate) fn health(&self) -> Option<&Health> {
        self.health.as_ref()
    }

    /// None: it is gone.
    pub(crate) fn value(&self, part: &Part) -> Option<Value> {
        match part {
            Part::Agent(id) => self.agents.get(id).map(|agent| json!(agent)),
            Part::Session(key) => self.sessions.get(key).map(|session| json!(session)),
            Part::Presence(id) => self.presence.get(id).map(|presence| json!(presence)),
        }
    }

    /// What changed since it was last asked for.
    pub(crate) fn take_touched(&mut self) -> BTreeSet<Part> {
        std::mem::take(&mut self.touched)
    }
}

/// What changes it.
impl Picture {
    /// All agents there are.
    pub(crate) fn set_agents(&mut self, agents: impl IntoIterator<Item = Agent>) {
        self.is_listed = true;
        let agents = agents.into_iter().take(MOST_AGENTS).map(|agent| (agent.id.clone(), agent));
        let before = std::mem::replace(&mut self.agents, agents.collect());
        self.touched.extend(before.into_keys().chain(self.agents.keys().cloned()).map(Part::Agent));
        self.count();
    }

    pub(crate) fn set_session(&mut self, session: Session) {
        self.put_session(session);
        self.forget_oldest();
        self.count();
    }

    pub(crate) fn remove_session(&mut self, key: &str) {
        if self.sessions.remove(key).is_some() {
            self.touched.insert(Part::Session(key.to_owned()));
            self.count();
        }
    }

    /// All sessions there are, but for those that changed while they were listed: what is known of them is newer.
    pub(crate) fn set_sessions(&mut self, mut listed: BTreeMap<String, Session>, newer: &BTreeSet<String>) {
        for key in newer {
            match self.sessions.get(key) {
                Some(session) => drop(listed.insert(key.clone(), session.clone())),
                None => drop(listed.remove(key)),
            }
        }
        let gone: Vec<_> = self.sessions.keys().filter(|key| !listed.contains_key(*key)).cloned().collect();
        for key in gone {
            self.sessions.remove(&key);
            self.touched.insert(Part::Session(key));
        }
        let mut listed: Vec<_> = listed.into_values().collect();
        listed.sort_by_key(|session| std::cmp::Reverse(session.updated_at));
        listed.into_iter().take(self.most_sessions).for_each(|session| self.put_session(session));
        self.forget_oldest();
        self.count();
    }

    /// All that is there, from the gateway's list.
    pub(crate) fn set_presence(&mut self, rows: &[Value]) {
        let before = std::mem::replace(&mut self.presence, Presence::all(rows));
        let gone = before.keys().filter(|id| !self.presence.contains_key(*id));
        let changed = self.presence.iter().filter(|(id, presence)| before.get(*id) != Some(presence));
        self.touched.extend(gone.chain(changed.map(|(id, _)| id)).cloned().map(Part::Presence));
    }

    /// Whether it names other agents than those known.
    pub(crate) fn set_health(&mut self, payload: &Value) -> bool {
        let Some(ok) = field::flag(payload, "ok") else { return false };
        let degraded =
            |key: &str| payload.get(key).and_then(|part| field::flag(part, "degraded")).unwrap_or(false);
        self.health = Some(Health {
            ok,
            degraded: degraded("eventLoop") || degraded("modelRuntime"),
            at: field::number(payload, "ts").unwrap_or(0),
        });
        let Some(agents) = field::list(payload, "agents") else { return false };
        let named: BTreeSet<_> = agents.iter().filter_map(|agent| field::id(agent, "agentId", ID)).collect();
        !named.is_empty() && !named.iter().eq(self.agents.keys())
    }

    /// From the store, at the beginning.
    pub(crate) fn restore_agent(&mut self, agent: Agent) {
        self.agents.insert(agent.id.clone(), agent);
    }

    pub(crate) fn restore_presence(&mut self, presence: Presence) {
        self.presence.insert(presence.id.clone(), presence);
    }

    fn hear_of_agent(&mut self, id: &str) {
        let is_new = !id.is_empty() && !self.agents.contains_key(id);
        if is_new && !self.is_listed && self.agents.len() < MOST_AGENTS {
            self.agents.insert(id.to_owned(), Agent::named(id));
            self.touched.insert(Part::Agent(id.to_owned()));
        }
    }

    fn put_session(&mut self, session: Session) {
        if self.most_sessions == 0 || self.sessions.get(&session.key) == Some(&session) {
            return;
        }
        self.hear_of_agent(&session.agent);
        self.touched.insert(Part::Session(session.key.clone()));
        self.sessions.insert(session.key.clone(), session);
    }

    fn forget_oldest(&mut self) {
        let excess = self.sessions.len().saturating_sub(self.most_sessions);
        if excess == 0 {
            return;
        }
        let mut by_age: Vec<_> =
            self.sessions.values().map(|session| (session.updated_at, &session.key)).collect();
        by_age.sort_unstable();
        let oldest: Vec<_> = by_age.into_iter().take(excess).map(|(_, key)| key.clone()).collect();
        for key in oldest {
            self.sessions.remove(&key);
            self.touched.insert(Part::Session(key));
        }
    }

    /// What the sessions say of their agents.
    fn count(&mut self) {
        let mut counted = BTreeMap::<&str, (usize, usize, Option<u64>)>::new();
        for session in self.sessions.values() {
            let (sessions, running, at) = counted.entry(&session.agent).or_default();
            *sessions += 1;
            *running += usize::from(session.running);
            *at = (*at).max((session.updated_at > 0).then_some(session.updated_at));
        }
        for agent in self.agents.values_mut() {
            let (sessions, running, at) = counted.get(agent.id.as_str()).copied().unwrap_or_default();
            if (agent.sessions, agent.running, agent.last_activity_at) != (sessions, running, at) {
                (agent.sessions, agent.running, agent.last_activity_at) = (sessions, running, at);
                self.touched.insert(Part::Agent(agent.id.clone()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(key: &str, updated_at: u64) -> Session {
        Session { key: key.into(), agent: "main".into(), updated_at, ..Session::default() }
    }

    fn picture(keys: &[(&str, u64)]) -> Picture {
        let mut picture = Picture::new(3);
        picture.set_agents([Agent::named("main")]);
        keys.iter().for_each(|(key, at)| picture.set_session(session(key, *at)));
        picture
    }

    #[test]
    fn the_oldest_go_when_there_are_too_many() {
        let mut picture = picture(&[("a", 2), ("b", 1), ("c", 3)]);
        picture.take_touched();
        picture.set_session(session("d", 4));
        assert!(picture.session("b").is_none() && picture.session("d").is_some());
        assert_eq!(picture.take_touched().len(), 3, "b, d and the agent");
        assert_eq!(picture.agent("main").unwrap().last_activity_at, Some(4));
    }

    #[test]
    fn a_list_does_not_undo_what_came_meanwhile() {
        let mut picture = picture(&[("a", 1), ("gone", 1)]);
        picture.set_session(session("a", 9));
        picture.remove_session("deleted");
        let listed = ["a", "deleted"].map(|key| (key.to_owned(), session(key, 1)));
        picture.set_sessions(listed.into(), &BTreeSet::from(["a".to_owned(), "deleted".to_owned()]));
        assert_eq!(picture.session("a").unwrap().updated_at, 9);
        assert!(picture.session("deleted").is_none() && picture.session("gone").is_none());
    }

    #[test]
    fn what_is_the_same_touches_nothing() {
        let mut picture = picture(&[("a", 1)]);
        picture.set_presence(&[json!({ "deviceId": "d" })]);
        picture.take_touched();
        picture.set_session(session("a", 1));
        picture.set_presence(&[json!({ "deviceId": "d" })]);
        assert_eq!(picture.take_touched(), BTreeSet::new());
    }

    #[test]
    fn health_tells_of_agents_that_nobody_listed() {
        let mut picture = picture(&[]);
        assert!(!picture.set_health(&json!("<trimmed>")));
        assert!(!picture.set_health(&json!({ "ok": true, "agents": [{ "agentId": "main" }] })));
        assert!(picture.set_health(&json!({ "ok": true, "agents": [{ "agentId": "other" }] })));
    }
}
