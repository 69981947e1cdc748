//! The platform's memory: who exists, who is where, what was said. Nothing here waits for anything.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::event::{Agent, Event, Sender};
use super::history::History;
use super::hub::Hub;
use super::refusal::Refusal;
use super::settings::Settings;
use super::work::Sessions;

/// Owners of agents, apart from the small numbers tests like for their users.
const FIRST_OWNER: u64 = 9_001;

pub(super) struct World {
    agents: HashMap<String, Arc<Agent>>,
    users: BTreeMap<u64, String>,
    /// By id. UUIDv7, so the order is the one they were made in.
    pub(super) channels: BTreeMap<String, Room>,
    pub(super) work: Sessions,
    pub(super) hub: Hub,
    history: usize,
    seed: Uuid,
    made: u64,
}

pub(super) struct Room {
    listed: Listed,
    pub(super) members: BTreeSet<String>,
    pub(super) history: History,
}

/// A channel as `GET /channels` shows it.
#[derive(Clone, Serialize)]
pub(super) struct Listed {
    id: String,
    name: String,
    r#type: &'static str,
    description: String,
}

impl World {
    pub(super) fn new(settings: &Settings) -> Self {
        Self {
            agents: HashMap::new(),
            users: BTreeMap::new(),
            channels: BTreeMap::new(),
            work: Sessions::new(settings.history),
            hub: Hub::default(),
            history: settings.history,
            seed: Uuid::now_v7(),
            made: 0,
        }
    }

    pub(super) fn add_agent(&mut self, name: &str, token: Option<&str>) -> Agent {
        let token = token.map_or_else(|| self.opaque("token"), str::to_owned);
        assert!(!self.agents.contains_key(&token), "two agents cannot share a token");
        let id = self.opaque("agent");
        let user_id = FIRST_OWNER + self.agents.len() as u64;
        let about = format!("{name} and its owner");
        let control_channel = self.room(name, "control", about, BTreeSet::from([id.clone()]));
        let agent = Agent { id, name: name.to_owned(), token: token.clone(), control_channel, user_id };
        self.add_user(user_id, &format!("Owner of {name}"));
        self.agents.insert(token, Arc::new(agent.clone()));
        agent
    }

    pub(super) fn add_user(&mut self, id: u64, name: &str) {
        self.users.insert(id, name.to_owned());
    }

    pub(super) fn add_channel(&mut self, name: &str, agents: &[&Agent]) -> String {
        let members = agents.iter().map(|agent| agent.id.clone()).collect();
        self.room(name, "group", format!("About {name}"), members)
    }

    fn room(
        &mut self,
        name: &str,
        r#type: &'static str,
        description: String,
        members: BTreeSet<String>,
    ) -> String {
        let id = Uuid::now_v7().to_string();
        let listed = Listed { id: id.clone(), name: name.to_owned(), r#type, description };
        self.channels.insert(id.clone(), Room { listed, members, history: History::new(self.history) });
        id
    }

    /// Answers the body of the event to come. An unknown channel is found out with that event.
    pub(super) fn join(&mut self, channel: &str, who: &Sender) -> Value {
        if let (Some(room), Sender::Agent(id)) = (self.channels.get_mut(channel), who) {
            room.members.insert(id.clone());
        }
        self.about(who)
    }

    pub(super) fn leave(&mut self, channel: &str, who: &Sender) {
        if let (Some(room), Sender::Agent(id)) = (self.channels.get_mut(channel), who) {
            room.members.remove(id);
        }
    }

    /// Somebody as the body of `member_joined` and `member_left` has them.
    pub(super) fn about(&self, who: &Sender) -> Value {
        match who {
            Sender::User(id) => {
                let name = self.users.get(id).cloned().unwrap_or_else(|| format!("User #{id}"));
                json!({ "userId": id, "name": name })
            }
            Sender::Agent(id) => {
                let agent = self.agents.values().find(|agent| agent.id == *id);
                json!({ "agentId": id, "name": agent.map(|agent| &agent.name) })
            }
        }
    }

    pub(super) fn agent(&self, token: &str) -> Option<Arc<Agent>> {
        self.agents.get(token).cloned()
    }

    pub(super) fn channels_of(&self, agent: &Agent) -> Vec<Listed> {
        self.channels
            .values()
            .filter(|room| room.members.contains(&agent.id))
            .map(|room| room.listed.clone())
            .collect()
    }

    pub(super) fn channel_ids_of(&self, agent: &Agent) -> Vec<String> {
        self.channels_of(agent).into_iter().map(|listed| listed.id).collect()
    }

    /// A channel the agent is in. One it is not in might as well not exist.
    pub(super) fn room_of(&self, agent: &Agent, channel: &str) -> Result<&Room, Refusal> {
        let room = self.channels.get(channel).filter(|room| room.members.contains(&agent.id));
        room.ok_or(Refusal::unknown("channel"))
    }

    /// Any event of any channel.
    pub(super) fn event(&self, id: &str) -> Option<Arc<Event>> {
        self.channels.values().find_map(|room| room.history.find(id)).cloned()
    }

    /// An id nobody has, in no order: the hash of a count.
    pub(super) fn opaque(&mut self, prefix: &str) -> String {
        self.made += 1;
        format!("{prefix}_{}", Uuid::new_v5(&self.seed, &self.made.to_be_bytes()).simple())
    }
}
