//! Lines on their way out: bounded in bytes, and what has no place in it is counted and told of.
use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Bytes that may wait: some 20,000 lines as most are.
pub const QUEUE_BYTES: usize = 4 << 20;

/// What a line costs beside its text.
const LINE_COST: usize = 64;

/// Many put in, without ever waiting; one takes out.
#[derive(Default)]
pub struct Queue {
    waiting: Mutex<Waiting>,
    filled: Condvar,
    settled: Condvar,
}

#[derive(Default)]
struct Waiting {
    entries: VecDeque<Entry>,
    bytes: usize,
    /// It was full, and is not half empty yet: so that who reads slowly is told of what is lost once in a while, and
    /// not line by line.
    shut: bool,
    /// Lines lost since that was said.
    untold: u64,
    lost: u64,
    writing: bool,
    /// The last write was refused. Until the next line nothing is tried.
    refused: bool,
}

pub enum Entry {
    Line(Vec<u8>),
    /// To be said here: so many lines are missing.
    Lost(u64),
}

impl Queue {
    pub fn push(&self, line: Vec<u8>) {
        let mut waiting = self.lock();
        let waiting = &mut *waiting;
        waiting.shut &= waiting.bytes > QUEUE_BYTES / 2;
        let entry = Entry::Line(line);
        if waiting.shut || waiting.bytes + entry.cost() + LINE_COST > QUEUE_BYTES {
            waiting.shut = true;
            waiting.lost += 1;
            waiting.untold += 1;
            return;
        }
        if waiting.untold > 0 {
            let lost = std::mem::take(&mut waiting.untold);
            waiting.put(Entry::Lost(lost));
        }
        waiting.put(entry);
        self.filled.notify_one();
    }

    /// Waits for it. Then it counts as being written, until [`Self::settle`].
    pub fn next(&self) -> Entry {
        let mut waiting = self.lock();
        loop {
            if let Some(entry) = waiting.take() {
                waiting.writing = true;
                return entry;
            }
            waiting = self.filled.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Written, or refused.
    pub fn settle(&self, entry: Entry, refused: bool) {
        let mut waiting = self.lock();
        (waiting.writing, waiting.refused) = (false, refused);
        match entry {
            Entry::Line(_) if refused => {
                waiting.lost += 1;
                waiting.untold += 1;
            }
            Entry::Lost(lines) if refused => waiting.untold += lines,
            _ => {}
        }
        if waiting.is_settled() {
            self.settled.notify_all();
        }
    }

    pub fn flush(&self, within: Duration) -> bool {
        let until = Instant::now() + within;
        let mut waiting = self.lock();
        while !waiting.is_settled() {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            let waited = self.settled.wait_timeout(waiting, left);
            waiting = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }

    pub fn lost(&self) -> u64 {
        self.lock().lost
    }

    #[cfg(test)]
    pub fn bytes(&self) -> usize {
        self.lock().bytes
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn put(&mut self, entry: Entry) {
        self.bytes += entry.cost();
        self.entries.push_back(entry);
    }

    fn take(&mut self) -> Option<Entry> {
        if let Some(entry) = self.entries.pop_front() {
            self.bytes -= entry.cost();
            return Some(entry);
        }
        let say = self.untold > 0 && !self.refused;
        say.then(|| Entry::Lost(std::mem::take(&mut self.untold)))
    }

    fn is_settled(&self) -> bool {
        self.entries.is_empty() && !self.writing && (self.untold == 0 || self.refused)
    }
}

impl Entry {
    fn cost(&self) -> usize {
        LINE_COST + if let Self::Line(line) = self { line.len() } else { 0 }
    }
}
