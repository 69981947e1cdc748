//! What the platform talks about: agents, and events as they stand on the wire.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::Serialize;
use serde_json::Value;

/// An agent's account on the platform.
#[derive(Clone, PartialEq, Eq)]
pub struct Agent {
    /// Opaque id, `senderAgentId` of what it posts.
    pub id: String,
    /// The name it was added with.
    pub name: String,
    /// Its bearer token, for REST and for the `auth` frame.
    pub token: String,
    /// The channel it shares with its owner.
    pub control_channel: String,
    /// Its owner, the `userId` of `auth_ok`.
    pub user_id: u64,
}

/// Without the token: a failed assertion prints this.
impl fmt::Debug for Agent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Agent").field("id", &self.id).field("name", &self.name).finish_non_exhaustive()
    }
}

/// Whose doing an event is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Sender {
    User(u64),
    /// By agent id.
    Agent(String),
}

impl From<&Agent> for Sender {
    fn from(agent: &Agent) -> Self {
        Self::Agent(agent.id.clone())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EventType {
    Message,
    Work,
    MemberJoined,
    MemberLeft,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SenderType {
    User,
    Agent,
}

/// One event of a channel, serialised as both the `event` frame and the items of `GET …/events` have it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    /// Opaque and in no order.
    pub id: String,
    pub channel_id: String,
    pub event_type: EventType,
    pub sender_type: SenderType,
    pub sender_user_id: Option<u64>,
    pub sender_agent_id: Option<String>,
    pub body: Value,
    /// ISO 8601, UTC, milliseconds.
    pub created_at: String,
}

impl Event {
    /// An event of this moment.
    pub(super) fn new(id: String, channel: &str, from: Sender, event_type: EventType, body: Value) -> Self {
        let (sender_type, sender_user_id, sender_agent_id) = match from {
            Sender::User(id) => (SenderType::User, Some(id), None),
            Sender::Agent(id) => (SenderType::Agent, None, Some(id)),
        };
        let created_at = iso(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default());
        let channel_id = channel.to_owned();
        Self { id, channel_id, event_type, sender_type, sender_user_id, sender_agent_id, body, created_at }
    }

    /// `body.text`, if there is one.
    pub fn text(&self) -> Option<&str> {
        self.body.get("text")?.as_str()
    }
}

/// `2026-01-31T23:59:59.999Z` from the time since 1970. The days are counted in 400-year cycles that begin in March
/// (Howard Hinnant's `civil_from_days`), so that the leap day is the last of its year.
fn iso(since_1970: Duration) -> String {
    let seconds = since_1970.as_secs();
    let (days, time) = (seconds / 86_400 + 719_468, seconds % 86_400);
    let (cycle, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let from_march = (5 * day + 2) / 153;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = cycle * 400 + year + u64::from(month < 3);
    let day = day - (153 * from_march + 2) / 5 + 1;
    let (hour, minute, second) = (time / 3_600, time / 60 % 60, time % 60);
    let millis = since_1970.subsec_millis();
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_as_iso_8601_across_leap_days_and_year_ends() {
        // Values from `date -u -d @<seconds>`.
        for (millis, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_400_007, "2000-02-29T00:00:00.007Z"),
            (1_709_251_199_999, "2024-02-29T23:59:59.999Z"),
            (1_767_225_599_000, "2025-12-31T23:59:59.000Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
        ] {
            assert_eq!(iso(Duration::from_millis(millis)), text);
        }
    }
}
