//! A conversation as the gateway remembers it.
use crate::gateway::Shared;
use crate::situation::Situation;
use openclaw::history::{History, Row};
use ports::agent::{DatedTurn, Turn};
use ports::identity::InstanceId;

/// Rows for each turn that is wanted: calls of tools and their results are rows too.
const ROWS_PER_TURN: u64 = 8;
/// How the gateway's own words to the agent begin.
const SYSTEM: &str = "[System]";

/// The newest turns, oldest first.
///
/// # Errors
/// There is no connection, or the gateway does not tell.
pub(crate) async fn turns(
    shared: &Shared,
    id: &InstanceId,
    conversation: &str,
    limit: usize,
) -> Result<Vec<DatedTurn>, String> {
    let connected = match shared.situation() {
        Situation::Connected(connected) => connected,
        other => return Err(other.to_string()),
    };
    let session = shared.session_key(id, conversation, shared.session_number(id, conversation));
    let params = History::params(&session, limit as u64 * ROWS_PER_TURN);
    let answer = shared.read_history(&connected, params).await;
    let answer = answer.map_err(|trouble| trouble.to_string())?;
    let history = History::read(&answer).map_err(|error| error.to_string())?;
    let turns: Vec<DatedTurn> = history.rows.into_iter().filter_map(turn).collect();
    let older = turns.len().saturating_sub(limit);
    Ok(turns.into_iter().skip(older).collect())
}

fn turn(row: Row) -> Option<DatedTurn> {
    let from_agent = match row.role.as_str() {
        "user" if !row.text.starts_with(SYSTEM) => false,
        "assistant" if row.is_final => true,
        _ => return None,
    };
    Some(DatedTurn { turn: Turn { from_agent, text: row.text }, at_ms: row.at_ms.unwrap_or(0) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn people_and_the_agent_are_remembered_and_not_what_it_did_in_between() {
        let rows = json!({ "messages": [
            { "role": "user", "content": "From Ada: hello", "timestamp": 1 },
            { "role": "assistant", "content": [{ "type": "toolCall", "name": "x" }], "timestamp": 2 },
            { "role": "toolResult", "content": [{ "type": "text", "text": "42" }], "timestamp": 3 },
            { "role": "user", "content": "[System] Your previous turn was interrupted", "timestamp": 4 },
            { "role": "assistant", "content": [{ "type": "text", "text": "Hello, Ada." }], "timestamp": 5 },
        ] });
        let turns: Vec<_> = History::read(&rows).unwrap().rows.into_iter().filter_map(turn).collect();
        let told: Vec<_> =
            turns.iter().map(|it| (it.turn.from_agent, it.turn.text.as_str(), it.at_ms)).collect();
        assert_eq!(told, [(false, "From Ada: hello", 1), (true, "Hello, Ada.", 5)]);
    }
}
