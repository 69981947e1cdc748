//! What the agent is offered besides answering, looked at once for each agent: strangers talk to it.
use crate::gateway::{Shared, Trouble};
use crate::options::Permissions;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::sleep;
use tracing::{debug, warn};

/// Tools of the gateway's own by which a stranger's text could do harm: commands, files, the gateway itself, other
/// conversations.
const DANGEROUS: [&str; 22] = [
    "apply_patch",
    "automations",
    "browser",
    "code_execution",
    "computer",
    "conversations_send",
    "conversations_turn",
    "cron",
    "edit",
    "exec",
    "gateway",
    "message",
    "nodes",
    "openclaw",
    "plugins",
    "process",
    "secrets",
    "sessions_send",
    "sessions_spawn",
    "skill_workshop",
    "terminal",
    "write",
];

/// Those of them that a read-only session withholds: seen at a live gateway.
const WITHHELD: [&str; 4] = ["apply_patch", "edit", "exec", "write"];

/// After a look that was interrupted.
const AGAIN: Duration = Duration::from_secs(1);

/// Warns of each agent that has such tools. Ends when all were looked at.
pub(crate) async fn look(shared: Arc<Shared>) {
    for agent in shared.options.agents() {
        while let Err(Trouble::Lost | Trouble::Late) = look_at(&shared, &agent).await {
            sleep(AGAIN).await;
        }
    }
}

async fn look_at(shared: &Shared, agent: &str) -> Result<(), Trouble> {
    let connected = shared.connection().await;
    // What an agent is offered is known of a session only.
    let session = format!("agent:{agent}:connector-runtime:tools");
    let mut params = json!({ "key": session });
    if let Some(mode) = shared.options.permissions.mode() {
        params["permissionMode"] = mode.into();
    }
    let asking = async {
        shared.request(&connected, "sessions.create", params, None).await?;
        shared.request(&connected, "tools.effective", json!({ "sessionKey": session }), None).await
    };
    let answer = match asking.await {
        Ok(answer) => answer,
        Err(Trouble::Refused(problem)) => {
            debug!(agent, %problem, "which tools the agent has is not known");
            return Ok(());
        }
        Err(trouble) => return Err(trouble),
    };
    let withheld: &[&str] = if shared.options.permissions == Permissions::ReadOnly { &WITHHELD } else { &[] };
    let found = dangerous(&answer, withheld);
    if !found.is_empty() {
        warn!(
            agent,
            tools = found.join(", "),
            "strangers talk to this agent, and it has tools that can do harm: deny them for it in the gateway's agents.list[].tools, \
             or name another one in agent.agents"
        );
    }
    Ok(())
}

fn dangerous(answer: &Value, withheld: &[&str]) -> Vec<String> {
    let groups = answer["groups"].as_array().into_iter().flatten();
    let tools = groups.flat_map(|group| group["tools"].as_array().into_iter().flatten());
    let names = tools.filter_map(|tool| tool["id"].as_str());
    names.filter(|name| DANGEROUS.contains(name) && !withheld.contains(name)).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_do_harm_is_found_among_what_is_offered() {
        let answer = json!({ "groups": [
            { "id": "fs", "tools": [{ "id": "read" }, { "id": "write" }] },
            { "id": "runtime", "tools": [{ "id": "exec" }, { "id": "gateway" }] },
            { "id": "mcp", "tools": [{ "id": "rt__exec" }] },
        ] });
        assert_eq!(dangerous(&answer, &[]), ["write", "exec", "gateway"]);
        assert_eq!(dangerous(&answer, &WITHHELD), ["gateway"]);
        for odd in [json!(null), json!({ "groups": 1 }), json!({ "groups": [{ "tools": [1, { "id": 2 }] }] })]
        {
            assert!(dangerous(&odd, &[]).is_empty(), "{odd}");
        }
    }
}
