//! The events of one channel, in the order they happened: an event's place is known by its id only here.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use super::event::Event;

pub(super) struct History {
    events: VecDeque<Arc<Event>>,
    places: HashMap<String, u64>,
    /// Place of the oldest event that is still here.
    first: u64,
    limit: usize,
}

impl History {
    pub(super) fn new(limit: usize) -> Self {
        Self { events: VecDeque::new(), places: HashMap::new(), first: 0, limit }
    }

    pub(super) fn push(&mut self, event: Arc<Event>) {
        self.places.insert(event.id.clone(), self.first + self.events.len() as u64);
        self.events.push_back(event);
        while self.events.len() > self.limit {
            if let Some(forgotten) = self.events.pop_front() {
                self.places.remove(&forgotten.id);
                self.first += 1;
            }
        }
    }

    pub(super) fn find(&self, id: &str) -> Option<&Arc<Event>> {
        self.events.get(self.index(id)?)
    }

    /// The newest `limit`, oldest first.
    pub(super) fn newest(&self, limit: usize) -> Vec<Arc<Event>> {
        self.events.iter().skip(self.events.len().saturating_sub(limit)).cloned().collect()
    }

    /// The `limit` that follow `id`, oldest first; none if `id` is not known here.
    pub(super) fn after(&self, id: &str, limit: usize) -> Option<Vec<Arc<Event>>> {
        Some(self.events.iter().skip(self.index(id)? + 1).take(limit).cloned().collect())
    }

    fn index(&self, id: &str) -> Option<usize> {
        usize::try_from(self.places.get(id)? - self.first).ok()
    }
}
