//! What the store answers. Keys are bytes in the table, so that they compare as bytes and no character of a prefix means
//! anything but itself.
use crate::pen::number;
use ports::identity::InstanceId;
use ports::store::{Entry, Usage};
use rusqlite::{Connection, OptionalExtension, params};

pub fn get(db: &Connection, instance: &InstanceId, key: &str) -> rusqlite::Result<Option<Entry>> {
    let sql = "SELECT value, version FROM store \
               WHERE instance = (SELECT id FROM instances WHERE name = ?1) AND key = ?2";
    let mut rows = db.prepare_cached(sql)?;
    let read = |row: &rusqlite::Row<'_>| Ok(Entry { value: row.get(0)?, version: number(row, 1)? });
    rows.query_row(params![instance.to_string(), key.as_bytes()], read).optional()
}

pub fn list(
    db: &Connection,
    instance: &InstanceId,
    prefix: &str,
    after: Option<&str>,
    limit: usize,
) -> rusqlite::Result<Vec<String>> {
    let sql = "SELECT CAST(key AS TEXT) FROM store \
               WHERE instance = (SELECT id FROM instances WHERE name = ?1) AND key >= ?2 AND key < ?3 \
               ORDER BY key LIMIT ?4";
    let mut rows = db.prepare_cached(sql)?;
    let (from, to) = range(prefix, after);
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    rows.query_map(params![instance.to_string(), from, to, limit], |row| row.get(0))?.collect()
}

/// From (inclusive), to (exclusive).
fn range(prefix: &str, after: Option<&str>) -> (Vec<u8>, Vec<u8>) {
    // The least key above `after` is the same with a zero byte behind it.
    let above = after.map(|after| [after.as_bytes(), &[0]].concat()).unwrap_or_default();
    let from = above.max(prefix.as_bytes().to_vec());
    // No byte of UTF-8 is 0xff: all keys are below it, and the last byte of a prefix can always be one more.
    let mut to = prefix.as_bytes().to_vec();
    match to.last_mut() {
        Some(last) => *last += 1,
        None => to.push(0xff),
    }
    (from, to)
}

pub fn usage(db: &Connection, instance: &InstanceId) -> rusqlite::Result<Usage> {
    let sql = "SELECT keys, bytes FROM usage WHERE instance = (SELECT id FROM instances WHERE name = ?1)";
    let mut rows = db.prepare_cached(sql)?;
    let read = |row: &rusqlite::Row<'_>| Ok(Usage { keys: number(row, 0)?, bytes: number(row, 1)? });
    Ok(rows.query_row([instance.to_string()], read).optional()?.unwrap_or_default())
}
