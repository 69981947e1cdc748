//! Who has what, in numbers.
use crate::look::instance;
use crate::pen::number;
use ports::identity::InstanceId;
use rusqlite::Connection;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub instance: InstanceId,
    /// Accepted and not closed.
    pub messages: u64,
    /// To be told to the connector.
    pub letters: u64,
    pub dead: u64,
}

pub fn summary(db: &Connection) -> rusqlite::Result<Vec<Standing>> {
    let sql = "SELECT name, \
                   (SELECT count(*) FROM messages WHERE instance = instances.id AND closed_ms IS NULL) AS messages, \
                   (SELECT count(*) FROM letters WHERE instance = instances.id) AS letters, \
                   (SELECT count(*) FROM dead WHERE instance = instances.id) AS dead \
               FROM instances WHERE messages + letters + dead > 0 ORDER BY name";
    let mut rows = db.prepare_cached(sql)?;
    let rows = rows.query_map([], |row| {
        Ok(Standing {
            instance: instance(row, 0)?,
            messages: number(row, 1)?,
            letters: number(row, 2)?,
            dead: number(row, 3)?,
        })
    })?;
    rows.collect()
}
