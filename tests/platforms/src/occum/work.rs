//! Work sessions: an agent says that it is busy, and later what came of it.

use std::collections::{HashMap, VecDeque};

use super::refusal::Refusal;

/// A work session as it stands now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkSession {
    pub channel: String,
    /// The UUID the client made.
    pub id: String,
    /// Whose work it is.
    pub agent: String,
    /// How often it was opened: more than once is a repeat after a lost answer or a crash.
    pub opened: u32,
    /// How often it was completed.
    pub completed: u32,
    /// The latest summary; none while it is open.
    pub summary: Option<String>,
}

/// All sessions, by channel and id.
pub(super) struct Sessions {
    known: HashMap<(String, String), WorkSession>,
    oldest_first: VecDeque<(String, String)>,
    limit: usize,
}

impl Sessions {
    pub(super) fn new(limit: usize) -> Self {
        Self { known: HashMap::new(), oldest_first: VecDeque::new(), limit }
    }

    /// Open one, or the same one again, which changes nothing but the count.
    pub(super) fn open(&mut self, channel: &str, id: &str, agent: &str) -> Result<WorkSession, Refusal> {
        let key = (channel.to_owned(), id.to_owned());
        if let Some(session) = self.known.get_mut(&key) {
            owned(session, agent)?;
            session.opened += 1;
            return Ok(session.clone());
        }
        let (channel, id, agent) = (channel.to_owned(), id.to_owned(), agent.to_owned());
        let session = WorkSession { channel, id, agent, opened: 1, completed: 0, summary: None };
        self.known.insert(key.clone(), session.clone());
        self.oldest_first.push_back(key);
        while self.oldest_first.len() > self.limit {
            if let Some(forgotten) = self.oldest_first.pop_front() {
                self.known.remove(&forgotten);
            }
        }
        Ok(session)
    }

    /// Complete one. Again is allowed: a client whose answer was lost cannot know.
    pub(super) fn complete(
        &mut self,
        channel: &str,
        id: &str,
        agent: &str,
        summary: &str,
    ) -> Result<WorkSession, Refusal> {
        let session = self
            .known
            .get_mut(&(channel.to_owned(), id.to_owned()))
            .ok_or(Refusal::unknown("work session"))?;
        owned(session, agent)?;
        session.completed += 1;
        session.summary = Some(summary.to_owned());
        Ok(session.clone())
    }
}

fn owned(session: &WorkSession, agent: &str) -> Result<(), Refusal> {
    if session.agent == agent {
        Ok(())
    } else {
        Err(Refusal::conflict("this work session is another agent's"))
    }
}
