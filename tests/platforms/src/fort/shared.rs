//! What the connections and the story share.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, broadcast};

use super::record::Record;
use super::script::Script;

/// Orders a socket may be behind.
const ORDERS: usize = 4_096;

/// What all open sockets are told.
#[derive(Debug, Clone)]
pub(super) enum Order {
    Push(String),
    Drop,
}

pub(super) struct Shared {
    script: Mutex<Script>,
    record: Mutex<Record>,
    pub(super) changed: Notify,
    pub(super) orders: broadcast::Sender<Order>,
}

impl Default for Shared {
    fn default() -> Self {
        Self {
            script: Mutex::default(),
            record: Mutex::default(),
            changed: Notify::new(),
            orders: broadcast::Sender::new(ORDERS),
        }
    }
}

/// No code that can panic runs under these locks, but for a test's own look at the record.
impl Shared {
    pub(super) fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn record(&self) -> MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn note<T>(&self, happening: impl FnOnce(&mut Record) -> T) -> T {
        let noted = happening(&mut self.record());
        self.changed.notify_waiters();
        noted
    }

    /// That something came which was not in order.
    pub(super) fn fault(&self, connection: usize, what: impl std::fmt::Display) {
        self.note(|record| record.faults.push(format!("connection {connection}: {what}")));
    }
}
