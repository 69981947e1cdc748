//! The tools that the agent can call.

use crate::ControlCenter;
use crate::show;
use sdk::tools::{Arguments, Error};
use serde::Deserialize;
use serde_json::{Map, Value, json};

pub(crate) const LIST_AGENTS: &str = "control_center_list_agents";
pub(crate) const AGENT: &str = "control_center_agent";
pub(crate) const REQUEST: &str = "control_center_request";

/// Sessions of one agent in an answer.
const MOST_SESSIONS: usize = 100;
/// What an answer may have (256 KiB) but for what stands around it.
const ANSWER_BYTES: usize = 250 << 10;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListAgents {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OneAgent {
    id: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    method: String,
    params: Option<Map<String, Value>>,
}

impl ControlCenter {
    pub(crate) async fn call_tool(&self, name: &str, arguments: &Arguments) -> Result<Value, Error> {
        match name {
            LIST_AGENTS => self.list_agents(arguments.parse()?),
            AGENT => self.show_agent(arguments.parse()?),
            REQUEST => self.request(arguments.parse()?).await,
            _ => Err(Error::Failed(format!("no tool {name}"))),
        }
    }

    fn list_agents(&self, _: ListAgents) -> Result<Value, Error> {
        Ok(self.memory.with(|memory| {
            let agents: Vec<_> = memory.picture.agents().collect();
            json!({ "gateway": show::state(memory), "stale": memory.is_stale, "agents": agents })
        }))
    }

    fn show_agent(&self, wanted: OneAgent) -> Result<Value, Error> {
        self.memory.with(|memory| {
            let Some(agent) = memory.picture.agent(&wanted.id) else {
                let known: Vec<_> = memory.picture.agents().take(50).map(|agent| agent.id.as_str()).collect();
                let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
                return Err(Error::Failed(format!("no agent has this id; known agents: {known}")));
            };
            let sessions = memory.picture.sessions_of(&wanted.id);
            let more = sessions.len().saturating_sub(MOST_SESSIONS);
            let sessions: Vec<_> = sessions.into_iter().take(MOST_SESSIONS).collect();
            Ok(json!({
                "gateway": show::state(memory), "stale": memory.is_stale,
                "agent": agent, "sessions": sessions, "moreSessions": more,
            }))
        })
    }

    async fn request(&self, wanted: Request) -> Result<Value, Error> {
        let Request { method, params } = wanted;
        if !self.settings.methods.contains(&method) {
            let allowed: Vec<_> = self.settings.methods.iter().map(String::as_str).collect();
            return Err(Error::Failed(format!(
                "this method is not allowed; allowed (configuration key methods): {}",
                allowed.join(", ")
            )));
        }
        let answer = self.ask(&method, Value::Object(params.unwrap_or_default())).await;
        let answer = answer.map_err(|failure| Error::Failed(format!("{method}: {failure}")))?;
        let bytes = answer.to_string().len();
        if bytes > ANSWER_BYTES {
            return Err(Error::Failed(format!(
                "{method}: the answer has {bytes} bytes, more than the {ANSWER_BYTES} that go through: ask for less"
            )));
        }
        Ok(answer)
    }
}
