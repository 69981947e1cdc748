//! What the journal did, for who asks how it is.
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Since the journal was opened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Transactions that wrote something, each one sync of the disk. `batches / commits` tells how well they are shared.
    pub commits: u64,
    /// Batches and commits of the store that were written; not those refused or known.
    pub batches: u64,
    /// Records and changes in them.
    pub records: u64,
    /// The most batches that shared one transaction.
    pub largest_group: u64,
    /// Transactions that failed. A group that fails is tried again one by one, and each of those counts too.
    pub failures: u64,
    /// Batches that must be written and wait until they can be, now.
    pub stuck: u64,
}

/// Written by the journal's thread only.
#[derive(Debug, Default)]
pub struct Counters {
    commits: AtomicU64,
    batches: AtomicU64,
    records: AtomicU64,
    largest_group: AtomicU64,
    failures: AtomicU64,
    stuck: AtomicU64,
}

/// What one transaction wrote.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tally {
    pub batches: u64,
    pub records: u64,
}

impl Counters {
    pub fn now(&self) -> Counts {
        Counts {
            commits: self.commits.load(Relaxed),
            batches: self.batches.load(Relaxed),
            records: self.records.load(Relaxed),
            largest_group: self.largest_group.load(Relaxed),
            failures: self.failures.load(Relaxed),
            stuck: self.stuck.load(Relaxed),
        }
    }

    pub fn committed(&self, tally: Tally) {
        if tally.batches == 0 {
            return;
        }
        self.commits.fetch_add(1, Relaxed);
        self.batches.fetch_add(tally.batches, Relaxed);
        self.records.fetch_add(tally.records, Relaxed);
        self.largest_group.fetch_max(tally.batches, Relaxed);
    }

    pub fn failed(&self) {
        self.failures.fetch_add(1, Relaxed);
    }

    pub fn stuck(&self, batches: usize) {
        self.stuck.store(batches as u64, Relaxed);
    }
}
