//! A commit of the store: what it comes to is worked out first, and written only if nothing refuses it.
use crate::asked::{Kind, Work};
use crate::pen::{Pen, column, number};
use ports::identity::InstanceId;
use ports::store::{Change, Error, Quota, Usage};
use rusqlite::params;
use std::collections::BTreeMap;

pub struct Commit {
    pub instance: InstanceId,
    pub changes: Vec<Change>,
    pub quota: Quota,
}

/// Keys with what they hold at the end of the commit; `None`: nothing.
type Ends<'a> = BTreeMap<&'a str, Option<&'a [u8]>>;

impl Work for Commit {
    type Answer = u64;
    type Error = Error;

    fn apply(&self, pen: &mut Pen<'_>) -> rusqlite::Result<Result<u64, Error>> {
        let instance = pen.instance(&self.instance)?;
        for change in &self.changes {
            if let Change::Expect { key, version } = change
                && version_of(pen, instance, key)? != *version
            {
                return Ok(Err(Error::Conflict { key: key.clone() }));
            }
        }
        let ends = ends(&self.changes);
        let (before, version) = standing(pen, instance)?;
        let after = usage_after(pen, instance, before, &ends)?;
        if let Err(refused) = within(self.quota, before, after) {
            return Ok(Err(refused));
        }
        write(pen, instance, &ends, version + 1)?;
        keep(pen, instance, after, version + 1)?;
        pen.wrote(self.changes.len());
        Ok(Ok(version + 1))
    }

    fn bytes(&self) -> usize {
        let values = self.changes.iter().map(|change| match change {
            Change::Set { key, value } => key.len() + value.len(),
            Change::Delete { .. } | Change::Expect { .. } => 0,
        });
        values.sum()
    }

    fn kind(&self) -> Kind {
        Kind::Write
    }
}

fn version_of(pen: &Pen<'_>, instance: i64, key: &str) -> rusqlite::Result<Option<u64>> {
    let sql = "SELECT version FROM store WHERE instance = ?1 AND key = ?2";
    pen.maybe_row(sql, params![instance, key.as_bytes()], |row| number(row, 0))
}

fn ends(changes: &[Change]) -> Ends<'_> {
    let ends = changes.iter().filter_map(|change| match change {
        Change::Set { key, value } => Some((key.as_str(), Some(value.as_slice()))),
        Change::Delete { key } => Some((key.as_str(), None)),
        Change::Expect { .. } => None,
    });
    ends.collect()
}

fn standing(pen: &Pen<'_>, instance: i64) -> rusqlite::Result<(Usage, u64)> {
    let sql = "SELECT keys, bytes, version FROM usage WHERE instance = ?1";
    let row = pen.maybe_row(sql, [instance], |row| {
        Ok((Usage { keys: number(row, 0)?, bytes: number(row, 1)? }, number(row, 2)?))
    })?;
    Ok(row.unwrap_or_default())
}

fn usage_after(pen: &Pen<'_>, instance: i64, before: Usage, ends: &Ends<'_>) -> rusqlite::Result<Usage> {
    let mut usage = before;
    for (key, end) in ends {
        let sql = "SELECT length(value) FROM store WHERE instance = ?1 AND key = ?2";
        if let Some(length) = pen.maybe_row(sql, params![instance, key.as_bytes()], |row| number(row, 0))? {
            usage.keys = usage.keys.saturating_sub(1);
            usage.bytes = usage.bytes.saturating_sub(key.len() as u64 + length);
        }
        if let Some(value) = end {
            usage.keys += 1;
            usage.bytes += (key.len() + value.len()) as u64;
        }
    }
    Ok(usage)
}

/// Who is above the quota (it was made smaller) can still make room, bit by bit.
fn within(quota: Quota, before: Usage, after: Usage) -> Result<(), Error> {
    if after.keys > quota.keys && after.keys > before.keys {
        return Err(Error::Quota { what: "keys", limit: quota.keys });
    }
    if after.bytes > quota.bytes && after.bytes > before.bytes {
        return Err(Error::Quota { what: "bytes", limit: quota.bytes });
    }
    Ok(())
}

fn write(pen: &Pen<'_>, instance: i64, ends: &Ends<'_>, version: u64) -> rusqlite::Result<()> {
    for (key, end) in ends {
        let key = key.as_bytes();
        match end {
            Some(value) => pen.run(
                "INSERT INTO store (instance, key, value, version) VALUES (?1, ?2, ?3, ?4) \
                 ON CONFLICT (instance, key) DO UPDATE SET value = excluded.value, version = excluded.version",
                params![instance, key, value, column(version)],
            )?,
            None => pen.run("DELETE FROM store WHERE instance = ?1 AND key = ?2", params![instance, key])?,
        };
    }
    Ok(())
}

/// NB: the row stays when the last key goes, so that versions never come again.
fn keep(pen: &Pen<'_>, instance: i64, usage: Usage, version: u64) -> rusqlite::Result<()> {
    let sql = "INSERT INTO usage (instance, keys, bytes, version) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (instance) \
               DO UPDATE SET keys = excluded.keys, bytes = excluded.bytes, version = excluded.version";
    pen.run(sql, params![instance, column(usage.keys), column(usage.bytes), column(version)]).map(drop)
}
