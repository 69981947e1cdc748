//! All channels of the account: which are live, which are to be caught up with, what is to be written. Pure.

use crate::channel::ChannelId;
use crate::cursor::Cursor;
use crate::lane::Lane;
use crate::parse::Event;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Live events that wait, of all channels together. Above it a channel throws its own away: the platform has them.
const WAITING: usize = 1000;
const WAITING_BYTES: usize = 4 << 20;

/// What one commit may hold.
pub(crate) const CHANGES: usize = 64;

/// A timer that did not fire so long after its time is set again.
const OVERDUE: Duration = Duration::from_secs(5);

#[derive(Default)]
pub(crate) struct Lanes {
    lanes: BTreeMap<ChannelId, Lane>,
    /// Every channel of the first login has its place: one without is new to the account.
    pub(crate) begun: bool,
    unsaved: BTreeSet<ChannelId>,
    saving: bool,
    working: bool,
    /// When the timer is to fire.
    armed: Option<Duration>,
    turns: u64,
}

/// What to do with an event that the socket brought.
pub(crate) enum Arrival {
    /// Handle it now.
    Live(Event),
    /// It waits; see to it that somebody catches up.
    Waits,
}

impl Lanes {
    pub(crate) fn lane(&mut self, channel: &ChannelId) -> Option<&mut Lane> {
        self.lanes.get_mut(channel)
    }

    /// A channel to catch up with; one that is known already stays as it is.
    pub(crate) fn add(&mut self, channel: ChannelId, due: Duration) -> &mut Lane {
        self.lanes.entry(channel).or_insert_with(|| Lane::behind(due))
    }

    /// Logged in anew: all of these may have gone on without us. Answers the channels we are not in any more.
    pub(crate) fn log_in(&mut self, channels: Vec<ChannelId>, now: Duration) -> Vec<ChannelId> {
        let listed: BTreeSet<_> = channels.into_iter().collect();
        let gone: Vec<_> = self.lanes.keys().filter(|channel| !listed.contains(channel)).cloned().collect();
        gone.iter().for_each(|channel| self.forget(channel));
        for channel in listed {
            self.add(channel, now).falls_behind(now);
        }
        gone
    }

    pub(crate) fn forget(&mut self, channel: &ChannelId) {
        self.lanes.remove(channel);
        self.unsaved.remove(channel);
    }

    /// The first event of a channel without a lane makes one, behind.
    pub(crate) fn arrives(&mut self, event: Event, now: Duration) -> Arrival {
        let lane = self.add(event.channel.clone(), now);
        if lane.is_live() {
            lane.opens(&event.id);
            return Arrival::Live(event);
        }
        let channel = event.channel.clone();
        lane.waits(event);
        let load = |(count, bytes), lane: &Lane| (count + lane.load().0, bytes + lane.load().1);
        let (count, bytes) = self.lanes.values().fold((0, 0), load);
        if (count > WAITING || bytes > WAITING_BYTES)
            && let Some(lane) = self.lanes.get_mut(&channel)
        {
            lane.sheds();
        }
        Arrival::Waits
    }

    pub(crate) fn accepts(&mut self, channel: &ChannelId, id: &str, dispatched: bool) {
        if self.lanes.get_mut(channel).is_some_and(|lane| lane.accepts(id, dispatched)) {
            self.unsaved.insert(channel.clone());
        }
    }

    pub(crate) fn is_to_be_saved(&mut self, channel: &ChannelId) {
        self.unsaved.insert(channel.clone());
    }

    /// All that moved is to be written, however little.
    pub(crate) fn all_are_to_be_saved(&mut self) {
        self.unsaved.extend(self.lanes.keys().cloned());
    }

    /// What to write now; none when there is nothing or somebody is at it, who will see the rest.
    pub(crate) fn begin_saving(&mut self) -> Option<Vec<(ChannelId, Cursor)>> {
        if self.saving {
            return None;
        }
        let mut cursors = Vec::new();
        while cursors.len() < CHANGES
            && let Some(channel) = self.unsaved.pop_first()
        {
            let cursor = self.lanes.get_mut(&channel).and_then(Lane::take_unsaved);
            cursors.extend(cursor.map(|cursor| (channel, cursor)));
        }
        self.saving = !cursors.is_empty();
        self.saving.then_some(cursors)
    }

    /// `failed`: what was not written after all; it is with the next.
    pub(crate) fn end_saving(&mut self, failed: Vec<(ChannelId, Cursor)>) {
        self.saving = false;
        for (channel, _) in failed {
            if let Some(lane) = self.lanes.get_mut(&channel) {
                lane.was_not_saved();
                self.unsaved.insert(channel);
            }
        }
    }

    /// Whether every channel has its place.
    pub(crate) fn all_have_begun(&self) -> bool {
        self.lanes.values().all(|lane| lane.cursor.is_some())
    }
}

/// Whose turn it is.
impl Lanes {
    /// When the timer is to fire, if it is to be set: nobody works, and it would not fire as early by itself.
    pub(crate) fn arm(&mut self, now: Duration) -> Option<Duration> {
        if self.working {
            return None;
        }
        let due = self.lanes.values().filter(|lane| !lane.is_live()).map(|lane| lane.due).min()?.max(now);
        if self.armed.is_some_and(|armed| armed <= due && armed + OVERDUE > now) {
            return None;
        }
        self.armed = Some(due);
        Some(due)
    }

    /// Whether the caller is the one to work.
    pub(crate) fn begin_work(&mut self) -> bool {
        self.armed = None;
        !std::mem::replace(&mut self.working, true)
    }

    pub(crate) fn end_work(&mut self) {
        self.working = false;
    }

    /// The next channel to catch up with: where somebody waits before the others, then in turn.
    pub(crate) fn next(&mut self, now: Duration) -> Option<ChannelId> {
        let due = self.lanes.iter_mut().filter(|(_, lane)| !lane.is_live() && !lane.busy && lane.due <= now);
        let (channel, lane) = due.min_by_key(|(_, lane)| (lane.load().0 == 0, lane.turn))?;
        self.turns += 1;
        lane.turn = self.turns;
        lane.busy = true;
        Some(channel.clone())
    }
}

#[cfg(test)]
#[path = "lanes_tests.rs"]
mod tests;
