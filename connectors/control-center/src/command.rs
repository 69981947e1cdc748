//! The command that shows the connection.

use crate::{ControlCenter, show};

pub(crate) const NAME: &str = "control-center";

impl ControlCenter {
    pub(crate) fn describe_connection(&self) -> String {
        self.memory.with(|memory| {
            let greeting = memory.line.greeting.clone().unwrap_or_default();
            let known = |text: &str| if text.is_empty() { "unknown".to_owned() } else { text.to_owned() };
            let stale = if memory.is_stale { " (stale)" } else { "" };
            let counts = &memory.counts;
            let sessions = match memory.refresh.total() {
                Some(total) => format!("{} of {total}", memory.picture.session_count()),
                None => memory.picture.session_count().to_string(),
            };
            let protocol = Some(greeting.protocol).filter(|protocol| *protocol > 0);
            [
                format!("connection: {}{stale}", show::state(memory)),
                format!("connection id: {}", known(&greeting.connection_id)),
                format!(
                    "protocol: {}",
                    protocol.map_or_else(|| "unknown".to_owned(), |protocol| protocol.to_string())
                ),
                format!("gateway version: {}", known(&greeting.version)),
                format!("agents known: {}", memory.picture.agents().len()),
                format!("sessions known: {sessions}"),
                format!("events seen: {} ({} of no use here)", counts.events, counts.ignored),
                format!("gaps: {} ({} events lost)", counts.gaps, counts.lost),
                format!("reconnects: {}", counts.openings.saturating_sub(1)),
                format!("unreadable frames: {}", counts.bad_frames),
                format!("last error: {}", memory.last_error.as_deref().unwrap_or("none")),
            ]
            .join("\n")
        })
    }
}
