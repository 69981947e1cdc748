//! The thread that has the connection. It takes all that is queued, writes it in one transaction, and answers when that
//! is synced; what arrives meanwhile shares the next. Nothing waits for a timer: while the disk is idle, one batch goes
//! out alone at once.
use crate::Clock;
use crate::asked::{Command, Kind};
use crate::counts::{Counters, Tally};
use crate::fault::Fault;
use crate::pen::{Instances, Pen};
use crate::retention::Upkeep;
use crate::stuck::Stuck;
use rusqlite::{Connection, Transaction, TransactionBehavior, ffi};
use std::slice;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Instant;

/// What shares one transaction at most. A sync costs about 4 ms; at some hundred batches it is already nothing beside
/// the work itself, and who is first in the group waits for the last.
const GROUP: usize = 512;
/// Bounds what a transaction adds to SQLite's cache and to the log at once.
const GROUP_BYTES: usize = 4 * 1024 * 1024;

pub struct Writer {
    db: Connection,
    queue: Receiver<Box<dyn Command>>,
    clock: Clock,
    counters: Arc<Counters>,
    instances: Instances,
    stuck: Stuck,
    upkeep: Upkeep,
}

impl Writer {
    pub fn new(
        db: Connection,
        queue: Receiver<Box<dyn Command>>,
        clock: Clock,
        counters: Arc<Counters>,
    ) -> Self {
        let (instances, stuck, upkeep) = (Instances::new(), Stuck::default(), Upkeep::new());
        Self { db, queue, clock, counters, instances, stuck, upkeep }
    }

    /// Until the last handle is gone and the queue is empty.
    pub fn run(mut self) {
        while let Some(first) = self.next() {
            self.round(first);
        }
        self.retry();
        for command in self.stuck.take(usize::MAX, usize::MAX) {
            command.fail(Fault::Closed);
        }
        if let Err((_, error)) = self.db.close() {
            tracing::warn!(%error, "the journal was not closed in order; the next start reads its log");
        }
    }

    /// The next command; until it comes, what is due.
    fn next(&mut self) -> Option<Box<dyn Command>> {
        if self.upkeep.overdue() {
            self.upkeep.step(&self.db, (self.clock)());
        }
        loop {
            if self.stuck.due().is_some_and(|due| due <= Instant::now()) {
                self.retry();
            }
            let due = self.stuck.due().map_or(self.upkeep.due(), |due| due.min(self.upkeep.due()));
            // NB: a wait of nothing still takes what is queued: commands go before upkeep.
            match self.queue.recv_timeout(due.saturating_duration_since(Instant::now())) {
                Ok(command) => return Some(command),
                Err(RecvTimeoutError::Disconnected) => return None,
                Err(RecvTimeoutError::Timeout) if self.upkeep.due() <= Instant::now() => {
                    self.upkeep.step(&self.db, (self.clock)());
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }

    /// All that is queued, as one group. Reads that stand before the first write need not wait for its sync.
    fn round(&mut self, first: Box<dyn Command>) {
        let (mut group, mut bytes) = (Vec::new(), 0);
        let mut next = Some(first);
        while let Some(command) = next {
            if group.is_empty() && command.kind().reads() {
                self.one(command);
            } else {
                bytes += command.bytes();
                group.push(command);
            }
            if group.len() >= GROUP || bytes >= GROUP_BYTES {
                break;
            }
            next = self.queue.try_recv().ok();
        }
        self.group(group);
    }

    /// A group that does not fit, or that breaks a rule, goes one by one: who is at fault must not fail the others. A fault
    /// of the disk or a lock is nobody's, and to meet it again with each one would take minutes.
    fn group(&mut self, mut group: Vec<Box<dyn Command>>) {
        if group.len() > 1 && self.stuck.fault().is_none() {
            match self.transact(&mut group) {
                Ok(()) => return group.into_iter().for_each(|command| command.done()),
                Err(fault @ Fault::Passing(_)) => {
                    return group.into_iter().for_each(|command| match command.kind().reads() {
                        true => self.one(command),
                        false => self.failed(command, fault.clone()),
                    });
                }
                Err(_) => {}
            }
        }
        group.into_iter().for_each(|command| self.one(command));
    }

    /// Behind a stuck one nothing is written, so that nothing overtakes it.
    fn one(&mut self, mut command: Box<dyn Command>) {
        let kind = command.kind();
        let tried = match self.stuck.fault() {
            Some(fault) if kind != Kind::Read => Err(fault.clone()),
            _ if kind.reads() => {
                let mut pen = Pen::new(&self.db, &mut self.instances, (self.clock)());
                command.apply(&mut pen).map_err(Fault::from)
            }
            _ => self.transact(slice::from_mut(&mut command)),
        };
        match tried {
            Ok(()) => command.done(),
            Err(fault) => self.failed(command, fault),
        }
    }

    fn failed(&mut self, command: Box<dyn Command>, fault: Fault) {
        if command.kind() != Kind::Must || !fault.passes() {
            return command.fail(fault);
        }
        if self.stuck.fault().is_none() {
            tracing::error!(
                ?fault,
                "the journal can't be written: what must be is kept in memory and tried again"
            );
            self.stuck.postpone(fault);
        }
        self.stuck.push(command);
        self.counters.stuck(self.stuck.len());
    }

    /// The first of the stuck alone, as a probe; the rest in groups.
    fn retry(&mut self) {
        let mut most = 1;
        while self.stuck.len() > 0 {
            let mut group = self.stuck.take(most, GROUP_BYTES);
            match self.transact(&mut group) {
                Ok(()) => {
                    group.into_iter().for_each(|command| command.done());
                    most = GROUP;
                }
                Err(_) if group.len() > 1 => {
                    self.stuck.put_back(group);
                    most = 1;
                }
                Err(fault) if fault.passes() => {
                    self.stuck.put_back(group);
                    return self.stuck.postpone(fault);
                }
                Err(fault) => group.into_iter().for_each(|command| command.fail(fault.clone())),
            }
            self.counters.stuck(self.stuck.len());
        }
        if self.stuck.fault().is_some() {
            tracing::info!("the journal is written again");
            self.stuck.clear();
        }
    }

    fn transact(&mut self, group: &mut [Box<dyn Command>]) -> Result<(), Fault> {
        match self.try_transact(group) {
            Ok(tally) => {
                self.counters.committed(tally);
                Ok(())
            }
            Err(error) => {
                self.instances.clear();
                self.counters.failed();
                Err(error.into())
            }
        }
    }

    /// NB: what returns early drops the transaction, and that rolls it back.
    fn try_transact(&mut self, group: &mut [Box<dyn Command>]) -> rusqlite::Result<Tally> {
        let transaction = Transaction::new_unchecked(&self.db, TransactionBehavior::Immediate)?;
        let mut pen = Pen::new(&transaction, &mut self.instances, (self.clock)());
        for command in group {
            command.apply(&mut pen)?;
            // A read keeps its error to itself; but SQLite may have rolled back, and what follows would stand alone.
            if transaction.is_autocommit() {
                return Err(rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_ABORT), None));
            }
        }
        let tally = pen.tally;
        transaction.commit()?;
        Ok(tally)
    }
}
