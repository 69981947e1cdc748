//! What an instance remembers while it lives. Losing it costs a question or a repeat, never a message.

use crate::channel::ChannelId;
use crate::posts::{Posts, Purpose};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Ids of handled events that are remembered against repeats.
const SEEN: usize = 1000;

/// Messages of other agents that are handled in a row in one channel, without a user between them.
///
/// Two agents that answer each other are through with it in a moment; two that were set to work together by a user have
/// room for a short exchange, and the next word of the user gives them as much again.
const AGENTS_IN_A_ROW: u32 = 8;

/// Channels whose rows are counted; far above what an agent is in.
const CHANNELS: usize = 1000;

#[derive(Default)]
pub(crate) struct Memory {
    agent_id: Option<String>,
    control_channel: Option<ChannelId>,
    seen: BTreeSet<String>,
    seen_order: VecDeque<String>,
    rows: BTreeMap<ChannelId, u32>,
    /// What was posted lately, as in the store.
    pub(crate) posts: BTreeMap<ChannelId, Posts>,
    posting: BTreeMap<ChannelId, u32>,
    unposted: BTreeSet<Purpose>,
    sessions: BTreeMap<String, Option<String>>,
}

/// Whether a message of an agent is to be handled.
#[derive(Debug, PartialEq)]
pub(crate) enum Guard {
    Handle,
    /// One too many; `first` for the first of this row.
    Stop {
        first: bool,
    },
}

impl Memory {
    pub(crate) fn agent_id(&self) -> Option<&str> {
        self.agent_id.as_deref()
    }

    pub(crate) fn control_channel(&self) -> Option<&ChannelId> {
        self.control_channel.as_ref()
    }

    /// What is not known stays as it was.
    pub(crate) fn learn(&mut self, agent_id: Option<String>, control_channel: Option<ChannelId>) {
        self.agent_id = agent_id.or(self.agent_id.take());
        self.control_channel = control_channel.or(self.control_channel.take());
    }

    pub(crate) fn has_seen(&self, event_id: &str) -> bool {
        self.seen.contains(event_id)
    }

    /// Whether this event is new; from now on it is not.
    pub(crate) fn see(&mut self, event_id: &str) -> bool {
        if !self.seen.insert(event_id.to_owned()) {
            return false;
        }
        self.seen_order.push_back(event_id.to_owned());
        if self.seen_order.len() > SEEN
            && let Some(oldest) = self.seen_order.pop_front()
        {
            self.seen.remove(&oldest);
        }
        true
    }

    pub(crate) fn user_spoke(&mut self, channel: &ChannelId) {
        self.rows.remove(channel);
    }

    pub(crate) fn agent_spoke(&mut self, channel: &ChannelId) -> Guard {
        if self.rows.len() >= CHANNELS && !self.rows.contains_key(channel) {
            self.rows.pop_first();
        }
        let row = self.rows.entry(channel.clone()).or_default();
        *row = row.saturating_add(1);
        if *row <= AGENTS_IN_A_ROW {
            Guard::Handle
        } else {
            Guard::Stop { first: *row == AGENTS_IN_A_ROW + 1 }
        }
    }
}

/// Posts under way and what became of those that failed.
impl Memory {
    pub(crate) fn begins_post(&mut self, channel: &ChannelId) {
        *self.posting.entry(channel.clone()).or_default() += 1;
    }

    pub(crate) fn ends_post(&mut self, channel: &ChannelId) {
        if let Some(count) = self.posting.get_mut(channel) {
            *count -= 1;
            if *count == 0 {
                self.posting.remove(channel);
            }
        }
    }

    /// Whether something is being posted whose event is not known yet.
    pub(crate) fn is_posting(&self, channel: &ChannelId) -> bool {
        self.posting.contains_key(channel)
    }

    /// No attempt at this can have succeeded.
    pub(crate) fn is_unposted(&mut self, purpose: &Purpose) {
        self.unposted.insert(purpose.clone());
    }

    /// Whether that was said; from now on it is not.
    pub(crate) fn take_unposted(&mut self, purpose: &Purpose) -> bool {
        self.unposted.remove(purpose)
    }
}

/// Work sessions that are being begun, so that what completes them stays the last that the platform hears.
impl Memory {
    pub(crate) fn session_begins(&mut self, session: &str) {
        self.sessions.insert(session.to_owned(), None);
    }

    pub(crate) fn session_completed(&mut self, session: &str, summary: &str) {
        if let Some(completed) = self.sessions.get_mut(session) {
            *completed = Some(summary.to_owned());
        }
    }

    pub(crate) fn is_session_completed(&self, session: &str) -> bool {
        self.sessions.get(session).is_some_and(Option::is_some)
    }

    /// It is begun, or will not be; with what it was completed meanwhile.
    pub(crate) fn session_begun(&mut self, session: &str) -> Option<String> {
        self.sessions.remove(session).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn channel(id: &str) -> ChannelId {
        ChannelId::try_from(id.to_owned()).unwrap()
    }

    #[test]
    fn the_last_thousand_ids_are_remembered() {
        let mut memory = Memory::default();
        assert!((0..=SEEN).all(|n| memory.see(&n.to_string())));
        assert!(memory.see("0"));
        assert!(!memory.see("2"));
        assert!(memory.has_seen("2") && !memory.has_seen("1"));
    }

    #[test]
    fn a_known_agent_id_is_never_forgotten() {
        let mut memory = Memory::default();
        memory.learn(Some("a1".into()), None);
        memory.learn(None, Some(channel("c")));
        assert_eq!((memory.agent_id(), memory.control_channel()), (Some("a1"), Some(&channel("c"))));
        memory.learn(Some("a2".into()), None);
        assert_eq!((memory.agent_id(), memory.control_channel()), (Some("a2"), Some(&channel("c"))));
    }

    #[test]
    fn agents_among_themselves_are_stopped_until_a_user_speaks() {
        let mut memory = Memory::default();
        let here = channel("here");
        assert!((0..AGENTS_IN_A_ROW).all(|_| memory.agent_spoke(&here) == Guard::Handle));
        assert_eq!(memory.agent_spoke(&here), Guard::Stop { first: true });
        assert_eq!(memory.agent_spoke(&here), Guard::Stop { first: false });
        assert_eq!(memory.agent_spoke(&channel("there")), Guard::Handle);
        memory.user_spoke(&here);
        assert_eq!(memory.agent_spoke(&here), Guard::Handle);
    }
}
