//! What is let go with time, so that the file has a size. Done while nothing is queued, in steps that are short enough for
//! a command that comes meanwhile.
use crate::pen::column;
use ports::journal::KEYS_KEPT;
use rusqlite::{Connection, Transaction, TransactionBehavior, params};
use std::time::{Duration, Instant};

/// As long as people scroll back; longer memories are the agent's.
const TURNS_KEPT: Duration = Duration::from_secs(30 * DAY);
/// Of one conversation: several times what an agent is given as history. Stands in the schema too, as the bound of the
/// index `conversations_long`.
const TURNS: i64 = 200;
/// A quarter: who has not looked at a dead letter by then won't.
const DEAD_KEPT: Duration = Duration::from_secs(90 * DAY);
const DAY: u64 = 24 * 3600;

/// Rows in one transaction: a few milliseconds.
const ROWS: i64 = 500;
/// Free pages that the file keeps, for they will be needed again: 4 MiB.
const SPARE_PAGES: i64 = 1024;
/// How often it is looked whether something is to be let go.
const EVERY: Duration = Duration::from_secs(600);

/// Under steady load a step is taken so often, between two groups: 500 rows a second keep up with hundreds of messages.
const PATIENCE: Duration = Duration::from_secs(1);

/// What was closed before this is forgotten.
pub fn keys_before(now_ms: u64) -> i64 {
    before(now_ms, KEYS_KEPT)
}

fn before(now_ms: u64, kept: Duration) -> i64 {
    column(now_ms.saturating_sub(kept.as_millis() as u64))
}

pub struct Upkeep {
    due: Instant,
    job: usize,
}

/// One transaction of a job; true if there may be more to do.
type Job = fn(&Connection, u64) -> rusqlite::Result<bool>;

const JOBS: [Job; 6] = [keys, old_turns, long_conversations, old_dead, shrink, checkpoint];

impl Upkeep {
    /// Due at once.
    pub fn new() -> Self {
        Self { due: Instant::now(), job: 0 }
    }

    pub fn due(&self) -> Instant {
        self.due
    }

    /// Nobody found the time: a step is taken although something is queued.
    pub fn overdue(&self) -> bool {
        self.due + PATIENCE <= Instant::now()
    }

    pub fn step(&mut self, db: &Connection, now_ms: u64) {
        match JOBS[self.job](db, now_ms) {
            Ok(true) => {
                self.due = Instant::now();
                return;
            }
            Ok(false) => {}
            Err(error) => {
                tracing::warn!(%error, job = self.job, "the journal's upkeep failed; it is tried later")
            }
        }
        self.job = (self.job + 1) % JOBS.len();
        if self.job == 0 {
            self.due = Instant::now() + EVERY;
        }
    }
}

fn keys(db: &Connection, now_ms: u64) -> rusqlite::Result<bool> {
    let sql = "DELETE FROM messages WHERE id IN (SELECT id FROM messages WHERE closed_ms < ?1 LIMIT ?2)";
    Ok(db.prepare_cached(sql)?.execute(params![keys_before(now_ms), ROWS])? > 0)
}

fn old_turns(db: &Connection, now_ms: u64) -> rusqlite::Result<bool> {
    let sql = "DELETE FROM turns WHERE id IN (SELECT id FROM turns WHERE at_ms < ?1 LIMIT ?2)";
    Ok(db.prepare_cached(sql)?.execute(params![before(now_ms, TURNS_KEPT), ROWS])? > 0)
}

fn old_dead(db: &Connection, now_ms: u64) -> rusqlite::Result<bool> {
    let sql = "DELETE FROM dead WHERE id IN (SELECT id FROM dead WHERE at_ms < ?1 LIMIT ?2)";
    Ok(db.prepare_cached(sql)?.execute(params![before(now_ms, DEAD_KEPT), ROWS])? > 0)
}

fn long_conversations(db: &Connection, _now_ms: u64) -> rusqlite::Result<bool> {
    let over = format!("SELECT id, turns - {TURNS} FROM conversations WHERE turns > {TURNS} LIMIT {ROWS}");
    trim(
        db,
        &over,
        "DELETE FROM turns WHERE id IN (SELECT id FROM turns WHERE conversation = ?1 ORDER BY id LIMIT ?2)",
    )
}

/// `over` tells owners and how many they have too many; `delete` takes an owner and how many of its oldest.
fn trim(db: &Connection, over: &str, delete: &str) -> rusqlite::Result<bool> {
    let mut rows = db.prepare_cached(over)?;
    let over = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let over = over.collect::<rusqlite::Result<Vec<(i64, i64)>>>()?;
    if over.is_empty() {
        return Ok(false);
    }
    let step = Transaction::new_unchecked(db, TransactionBehavior::Immediate)?;
    let mut left = ROWS;
    for (owner, excess) in over {
        let count = excess.min(left);
        step.prepare_cached(delete)?.execute(params![owner, count])?;
        left -= count;
    }
    step.commit()?;
    Ok(true)
}

/// Gives pages back to the disk. A file that can't (made without `auto_vacuum`) keeps them.
fn shrink(db: &Connection, _now_ms: u64) -> rusqlite::Result<bool> {
    let free = || db.pragma_query_value(None, "freelist_count", |row| row.get::<_, i64>(0));
    let before = free()?;
    let pages = (before - SPARE_PAGES).min(ROWS);
    if pages <= 0 {
        return Ok(false);
    }
    // NB: each row is one page; it must be stepped to its end.
    let mut vacuum = db.prepare(&format!("PRAGMA incremental_vacuum({pages})"))?;
    let mut rows = vacuum.query([])?;
    while rows.next()?.is_some() {}
    Ok(free()? < before)
}

/// Passive: waits for nobody.
fn checkpoint(db: &Connection, _now_ms: u64) -> rusqlite::Result<bool> {
    db.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(false))
}
