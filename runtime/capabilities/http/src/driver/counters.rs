//! What a status page shows of an instance's HTTP.
use super::error::{CLASSES, FetchError};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU16, AtomicU64, Ordering::Relaxed};

#[derive(Debug, Default)]
pub(super) struct Counters {
    requests: AtomicU64,
    failures: [AtomicU64; CLASSES.len()],
    bytes_in: AtomicU64,
    bytes_out: AtomicU64,
    scrubbed: AtomicU64,
    /// 0: none yet.
    last_status: AtomicU16,
}

/// A reading of the counters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Calls of `fetch`, however they ended.
    pub requests: u64,
    /// By [`FetchError::class`]; classes that never happened are absent.
    pub failures: BTreeMap<&'static str, u64>,
    /// Inside TLS, heads included.
    pub bytes_in: u64,
    pub bytes_out: u64,
    pub last_status: Option<u16>,
    /// Open sockets, idle ones included.
    pub connections: usize,
    /// Answers in which a secret came back.
    pub scrubbed: u64,
}

impl Counters {
    pub(super) fn request(&self) {
        self.requests.fetch_add(1, Relaxed);
    }
    pub(super) fn failed(&self, error: &FetchError) {
        self.failures[error.index()].fetch_add(1, Relaxed);
    }
    pub(super) fn answered(&self, status: u16) {
        self.last_status.store(status, Relaxed);
    }
    pub(super) fn scrubbed(&self) {
        self.scrubbed.fetch_add(1, Relaxed);
    }
    pub(super) fn read(&self, bytes: usize) {
        self.bytes_in.fetch_add(bytes as u64, Relaxed);
    }
    pub(super) fn wrote(&self, bytes: usize) {
        self.bytes_out.fetch_add(bytes as u64, Relaxed);
    }

    pub(super) fn reading(&self, connections: usize) -> Counts {
        let failures = CLASSES.iter().zip(&self.failures).map(|(class, count)| (*class, count.load(Relaxed)));
        Counts {
            requests: self.requests.load(Relaxed),
            failures: failures.filter(|(_, count)| *count > 0).collect(),
            bytes_in: self.bytes_in.load(Relaxed),
            bytes_out: self.bytes_out.load(Relaxed),
            last_status: Some(self.last_status.load(Relaxed)).filter(|status| *status != 0),
            connections,
            scrubbed: self.scrubbed.load(Relaxed),
        }
    }
}
