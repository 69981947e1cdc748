//! What a change writes with: the open transaction, and the number that stands for an instance in all tables.
use crate::counts::Tally;
use ports::identity::InstanceId;
use rusqlite::{Connection, OptionalExtension, Params, Row};
use std::collections::HashMap;

/// Numbers of instances that are known to be in the table. Forgotten when a transaction fails: the one that made the
/// number may be it.
pub type Instances = HashMap<InstanceId, i64>;

pub struct Pen<'a> {
    pub db: &'a Connection,
    instances: &'a mut Instances,
    pub now_ms: u64,
    pub tally: Tally,
}

impl<'a> Pen<'a> {
    pub fn new(db: &'a Connection, instances: &'a mut Instances, now_ms: u64) -> Self {
        Self { db, instances, now_ms, tally: Tally::default() }
    }

    /// The number of this instance; made if there is none.
    pub fn instance(&mut self, id: &InstanceId) -> rusqlite::Result<i64> {
        if let Some(number) = self.instances.get(id) {
            return Ok(*number);
        }
        let name = id.to_string();
        self.run("INSERT INTO instances (name) VALUES (?1) ON CONFLICT DO NOTHING", [&name])?;
        let number = self.row("SELECT id FROM instances WHERE name = ?1", [&name], |row| row.get(0))?;
        self.instances.insert(id.clone(), number);
        Ok(number)
    }

    pub fn run(&self, sql: &str, values: impl Params) -> rusqlite::Result<usize> {
        self.db.prepare_cached(sql)?.execute(values)
    }

    pub fn row<T>(
        &self,
        sql: &str,
        values: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T> {
        self.db.prepare_cached(sql)?.query_row(values, read)
    }

    pub fn maybe_row<T>(
        &self,
        sql: &str,
        values: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<Option<T>> {
        self.row(sql, values, read).optional()
    }

    pub fn wrote(&mut self, records: usize) {
        self.tally.batches += 1;
        self.tally.records += records as u64;
    }
}

/// As a column holds it. SQLite has no unsigned numbers; what doesn't fit is "never", and is so again when it is read.
pub fn column(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The reverse of [`column`].
pub fn number(row: &Row<'_>, index: usize) -> rusqlite::Result<u64> {
    Ok(match row.get(index)? {
        i64::MAX => u64::MAX,
        other => u64::try_from(other).unwrap_or(0),
    })
}
