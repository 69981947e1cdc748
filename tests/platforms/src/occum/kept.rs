//! A bounded memory that goes on counting.

use std::collections::VecDeque;

/// The newest few of many.
pub(super) struct Kept<T> {
    pub(super) items: VecDeque<T>,
    /// All there ever were.
    pub(super) total: u64,
    limit: usize,
}

impl<T> Kept<T> {
    pub(super) fn new(limit: usize) -> Self {
        Self { items: VecDeque::new(), total: 0, limit }
    }

    /// Answers what is forgotten for it, which is the item itself if nothing is to be kept.
    pub(super) fn push(&mut self, item: T) -> Option<T> {
        self.total += 1;
        self.items.push_back(item);
        if self.items.len() > self.limit { self.items.pop_front() } else { None }
    }

    /// The item that was pushed as number `place`, from 0.
    pub(super) fn at(&mut self, place: u64) -> Option<&mut T> {
        let first = self.total - self.items.len() as u64;
        self.items.get_mut(usize::try_from(place.checked_sub(first)?).ok()?)
    }
}
