//! What one watcher has been told, and what waits for it: keys, never values. A key waits once however often it
//! changes, and a key that came and went unseen does not wait at all; so no more waits than was told and is on the
//! board.
use crate::Filter;
use crate::shelf::{Entry, Spot};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use tokio::sync::Notify;

pub struct Waiting {
    filter: Filter,
    /// Of each key that was told or waits.
    marks: HashMap<Arc<Spot>, Mark>,
    /// By when they began to wait: a key that changes all the time holds up no other.
    queue: BTreeMap<u64, Arc<Spot>>,
    turn: u64,
    /// The turn at which the picture is complete; none when that was said.
    ready: Option<u64>,
    pub wake: Arc<Notify>,
}

#[derive(Default)]
struct Mark {
    told: bool,
    /// Its turn in the queue.
    turn: Option<u64>,
    /// The revision with which it was last removed.
    removed: u64,
}

pub enum Next {
    Set { spot: Arc<Spot>, entry: Entry },
    Removed { spot: Arc<Spot>, revision: u64 },
    Ready,
}

impl Waiting {
    pub fn new(filter: Filter, entries: &BTreeMap<Arc<Spot>, Entry>) -> Self {
        let (marks, queue) = Default::default();
        let mut waiting = Self { filter, marks, queue, turn: 0, ready: None, wake: Arc::default() };
        entries.keys().for_each(|spot| waiting.set(spot));
        waiting.ready = Some(waiting.turn);
        waiting
    }

    pub fn set(&mut self, spot: &Arc<Spot>) {
        if self.filter.takes(spot) {
            self.marks.entry(spot.clone()).or_default();
            self.queue(spot);
        }
    }

    pub fn removed(&mut self, spot: &Arc<Spot>, revision: u64) {
        let Some(mark) = self.marks.get_mut(spot) else { return };
        mark.removed = revision;
        match (mark.told, mark.turn) {
            (true, _) => self.queue(spot),
            (false, turn) => {
                turn.and_then(|turn| self.queue.remove(&turn));
                self.marks.remove(spot);
            }
        }
    }

    fn queue(&mut self, spot: &Arc<Spot>) {
        if let Some(mark) = self.marks.get_mut(spot).filter(|mark| mark.turn.is_none()) {
            mark.turn = Some(self.turn);
            self.queue.insert(self.turn, spot.clone());
            self.turn += 1;
            self.wake.notify_one();
        }
    }

    pub fn next(&mut self, entries: &BTreeMap<Arc<Spot>, Entry>) -> Option<Next> {
        let turn = self.queue.first_key_value().map(|(turn, _)| *turn);
        if self.ready.is_some_and(|ready| turn.is_none_or(|turn| turn >= ready)) {
            self.ready = None;
            return Some(Next::Ready);
        }
        let (_, spot) = self.queue.pop_first()?;
        if let Some(entry) = entries.get(&spot) {
            self.marks.insert(spot.clone(), Mark { told: true, ..Mark::default() });
            return Some(Next::Set { spot, entry: entry.clone() });
        }
        let revision = self.marks.remove(&spot).map_or(0, |mark| mark.removed);
        Some(Next::Removed { spot, revision })
    }

    /// Keys that it holds: known to the watcher, and waiting.
    #[cfg(test)]
    pub fn holds(&self) -> (usize, usize) {
        (self.marks.len(), self.queue.len())
    }
}
