//! One channel's place in its history. Pure.
//!
//! The *cursor* is the newest event below which everything is accepted: dispatched, or nothing to dispatch. Ids are
//! opaque, so a place is never computed from them; it follows from the order in which the platform gave the events, in
//! one of two modes:
//!
//! - **live**: events come one by one from the socket and are handled side by side. `open` has them in their order;
//!   the cursor moves over the longest row of accepted ones at its front.
//! - **behind**: pages of the history are worked off behind the cursor, event by event, so it simply follows. What
//!   the socket brings meanwhile waits, until a page was empty. An event that comes in a page is taken out of what
//!   waits. If too much waits it is thrown away and asked for instead.
//!
//! A lane falls behind when its instance is new, when the socket was logged in anew, and when the agent could not take
//! an event just now: so there is one way in which something is made good, and it keeps the order.

use crate::cursor::Cursor;
use crate::parse::Event;
use std::collections::VecDeque;
use std::time::Duration;

/// Events that move the cursor without having been dispatched, until it is written all the same: going over them again
/// costs a page, not a repeat.
const SAVE_AFTER: u32 = 50;

#[derive(Default)]
pub(crate) struct Lane {
    /// None: in the store, or nowhere.
    pub(crate) cursor: Option<Cursor>,
    live: bool,
    /// Live: what is above the cursor, in order. Behind: what handlers from before are still at.
    open: VecDeque<Open>,
    waiting: VecDeque<Waiting>,
    waiting_bytes: usize,
    /// Something was thrown away, or the connection is another: an empty page asked for before does not count.
    missed: bool,
    unsaved: u32,
    pub(crate) failures: u32,
    /// Behind: when to go on.
    pub(crate) due: Duration,
    /// Somebody works on it.
    pub(crate) busy: bool,
    /// When it was its turn last.
    pub(crate) turn: u64,
    /// Messages dispatched since it fell behind.
    pub(crate) made_good: u32,
}

struct Open {
    id: String,
    accepted: bool,
}

pub(crate) struct Waiting {
    pub(crate) event: Event,
    /// It was looked at already and is for the agent.
    pub(crate) vetted: bool,
}

/// What is known of an event that comes in a page.
#[derive(Debug, PartialEq)]
pub(crate) enum Sighting {
    /// It waited; `vetted` as there.
    Waited {
        vetted: bool,
    },
    /// Another handler is at it.
    Open,
    Unknown,
}

impl Lane {
    /// A new one is behind until its history was asked.
    pub(crate) fn behind(due: Duration) -> Self {
        Self { due, ..Self::default() }
    }

    pub(crate) fn is_live(&self) -> bool {
        self.live
    }

    /// How many events wait, and their size.
    pub(crate) fn load(&self) -> (usize, usize) {
        (self.waiting.len(), self.waiting_bytes)
    }

    /// A live event is about to be handled.
    pub(crate) fn opens(&mut self, id: &str) {
        self.open.push_back(Open { id: id.to_owned(), accepted: false });
    }

    /// A live event is accepted. Whether the cursor is to be written.
    pub(crate) fn accepts(&mut self, id: &str, dispatched: bool) -> bool {
        let Some(at) = self.open.iter().position(|open| open.id == id) else { return false };
        if !self.live {
            self.open.remove(at);
            return false;
        }
        self.open[at].accepted = true;
        // Of a row of accepted ones only the last says something.
        let accepted = |at: usize| self.open.get(at).is_some_and(|open| open.accepted);
        let (after, before) = (accepted(at + 1), at > 0 && accepted(at - 1));
        if after {
            self.open.remove(at);
        }
        if before {
            self.open.remove(at - 1);
        }
        self.unsaved += if dispatched { SAVE_AFTER } else { 1 };
        if self.open.front().is_some_and(|open| open.accepted)
            && let Some(front) = self.open.pop_front()
        {
            self.cursor = Some(Cursor::After(front.id));
            return self.unsaved >= SAVE_AFTER;
        }
        false
    }

    /// From now on the history is asked.
    pub(crate) fn falls_behind(&mut self, due: Duration) {
        if self.live {
            self.live = false;
            self.made_good = 0;
            self.open.retain(|open| !open.accepted);
        }
        self.missed = true;
        self.due = due;
    }

    /// An event that could not be handled just now: first of all that wait.
    pub(crate) fn puts_back(&mut self, event: Event, vetted: bool) {
        self.open.retain(|open| open.id != event.id);
        self.waiting_bytes += event.bytes();
        self.waiting.push_front(Waiting { event, vetted });
    }

    pub(crate) fn waits(&mut self, event: Event) {
        self.waiting_bytes += event.bytes();
        self.waiting.push_back(Waiting { event, vetted: false });
    }

    /// Throws away what the history has too. Those that were vetted stay: nobody would know it of them again. So does
    /// the first: it may be the only place to begin at.
    pub(crate) fn sheds(&mut self) {
        let first = self.waiting.pop_front();
        self.waiting.retain(|waiting| waiting.vetted);
        if let Some(first) = first {
            self.waiting.push_front(first);
        }
        self.waiting_bytes = self.waiting.iter().map(|waiting| waiting.event.bytes()).sum();
        self.missed = true;
    }

    /// The history is about to be asked.
    pub(crate) fn asks(&mut self) {
        self.missed = false;
    }

    pub(crate) fn sees(&mut self, id: &str) -> Sighting {
        if let Some(at) = self.waiting.iter().position(|waiting| waiting.event.id == id)
            && let Some(Waiting { event, vetted }) = self.waiting.remove(at)
        {
            self.waiting_bytes -= event.bytes();
            return Sighting::Waited { vetted };
        }
        if self.open.iter().any(|open| open.id == id) { Sighting::Open } else { Sighting::Unknown }
    }

    /// An event of the history is accepted.
    pub(crate) fn passes(&mut self, id: &str) {
        self.open.retain(|open| open.id != id);
        self.cursor = Some(Cursor::After(id.to_owned()));
        self.unsaved += 1;
    }

    /// The first that waits, if it happened before this page: from the beginning only the newest page is in reach.
    pub(crate) fn first_before(&mut self, page: &[Event]) -> Option<Waiting> {
        let first = &self.waiting.front()?.event.id;
        if page.iter().any(|event| event.id == *first) { None } else { self.next_waiting() }
    }

    pub(crate) fn next_waiting(&mut self) -> Option<Waiting> {
        let next = self.waiting.pop_front()?;
        self.waiting_bytes -= next.event.bytes();
        Some(next)
    }

    pub(crate) fn waiting(&self) -> impl Iterator<Item = &Event> {
        self.waiting.iter().map(|waiting| &waiting.event)
    }

    /// A page was empty: live again, unless something came in between.
    pub(crate) fn catches_up(&mut self) -> bool {
        self.live = !self.missed && self.waiting.is_empty();
        if self.live {
            self.open.clear();
        }
        self.live
    }

    pub(crate) fn starts_at(&mut self, cursor: Cursor) {
        self.cursor = Some(cursor);
        self.unsaved = SAVE_AFTER;
    }

    /// The cursor, if it was moved since it was last taken.
    pub(crate) fn take_unsaved(&mut self) -> Option<Cursor> {
        if std::mem::take(&mut self.unsaved) == 0 { None } else { self.cursor.clone() }
    }

    pub(crate) fn was_not_saved(&mut self) {
        self.unsaved = SAVE_AFTER;
    }
}

#[cfg(test)]
#[path = "lane_tests.rs"]
mod tests;
