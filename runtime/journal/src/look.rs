//! What the journal answers.
use crate::pen::number;
use ports::identity::InstanceId;
use ports::journal::{DeadLetter, Letter, LetterId, Message, Open, Past, Turn};
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row, params};

pub fn open(db: &Connection, instance: &InstanceId) -> rusqlite::Result<Open> {
    let name = instance.to_string();
    let sql = "SELECT ticket, key, accepted_ms, deadline_ms, body FROM messages \
               WHERE instance = (SELECT id FROM instances WHERE name = ?1) AND closed_ms IS NULL ORDER BY id";
    let mut rows = db.prepare_cached(sql)?;
    let messages = rows.query_map([&name], |row| message(row, instance))?.collect::<Result<_, _>>()?;
    let sql = "SELECT source, number, since_ms, body, past FROM letters \
               WHERE instance = (SELECT id FROM instances WHERE name = ?1) ORDER BY place, number";
    let mut rows = db.prepare_cached(sql)?;
    let letters = rows.query_map([&name], |row| letter(row, instance))?.collect::<Result<_, _>>()?;
    Ok(Open { messages, letters })
}

fn message(row: &Row<'_>, instance: &InstanceId) -> rusqlite::Result<Message> {
    Ok(Message {
        instance: instance.clone(),
        ticket: row.get(0)?,
        key: row.get(1)?,
        accepted_ms: number(row, 2)?,
        deadline_ms: number(row, 3)?,
        body: row.get(4)?,
    })
}

fn letter(row: &Row<'_>, instance: &InstanceId) -> rusqlite::Result<Letter> {
    Ok(Letter {
        id: LetterId { source: row.get(0)?, number: row.get(1)? },
        instance: instance.clone(),
        since_ms: number(row, 2)?,
        body: row.get(3)?,
        past: past(row, 4)?,
    })
}

pub fn turns(
    db: &Connection,
    instance: &InstanceId,
    conversation: &str,
    limit: usize,
) -> rusqlite::Result<Vec<Turn>> {
    let sql = "SELECT from_agent, text, at_ms FROM turns WHERE conversation = (SELECT id FROM conversations \
                   WHERE instance = (SELECT id FROM instances WHERE name = ?1) AND name = ?2) \
               ORDER BY id DESC LIMIT ?3";
    let turn = |row: &Row<'_>| {
        Ok(Turn {
            instance: instance.clone(),
            conversation: conversation.into(),
            from_agent: row.get(0)?,
            text: row.get(1)?,
            at_ms: number(row, 2)?,
        })
    };
    let mut rows = db.prepare_cached(sql)?;
    let rows = rows.query_map(params![instance.to_string(), conversation, most(limit)], turn)?;
    let mut turns = rows.collect::<Result<Vec<_>, _>>()?;
    turns.reverse();
    Ok(turns)
}

const DEAD: &str = "SELECT id, (SELECT name FROM instances WHERE instances.id = dead.instance), \
                    room, about, reason, at_ms, past, body FROM dead";

pub fn dead(
    db: &Connection,
    instance: Option<&InstanceId>,
    limit: usize,
) -> rusqlite::Result<Vec<DeadLetter>> {
    let of = match instance {
        Some(_) => "instance = (SELECT id FROM instances WHERE name = ?1)",
        None => "?1 IS NULL",
    };
    let name = instance.map(InstanceId::to_string);
    let mut rows = db.prepare_cached(&format!("{DEAD} WHERE {of} ORDER BY id LIMIT ?2"))?;
    rows.query_map(params![name, most(limit)], dead_row)?.collect()
}

pub fn dead_letter(db: &Connection, id: i64) -> rusqlite::Result<Option<DeadLetter>> {
    db.prepare_cached(&format!("{DEAD} WHERE id = ?1"))?.query_row([id], dead_row).optional()
}

fn dead_row(row: &Row<'_>) -> rusqlite::Result<DeadLetter> {
    Ok(DeadLetter {
        id: row.get(0)?,
        instance: instance(row, 1)?,
        room: row.get(2)?,
        about: row.get(3)?,
        reason: row.get(4)?,
        at_ms: number(row, 5)?,
        past: past(row, 6)?,
        body: row.get(7)?,
    })
}

pub fn instance(row: &Row<'_>, index: usize) -> rusqlite::Result<InstanceId> {
    let name: String = row.get(index)?;
    name.parse().map_err(|bad| rusqlite::Error::FromSqlConversionFailure(index, Type::Text, Box::new(bad)))
}

fn past(row: &Row<'_>, index: usize) -> rusqlite::Result<Past> {
    let json: String = row.get(index)?;
    serde_json::from_str(&json)
        .map_err(|bad| rusqlite::Error::FromSqlConversionFailure(index, Type::Text, Box::new(bad)))
}

fn most(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
