//! A batch of the journal, record by record.
use crate::asked::{Kind, Work};
use crate::pen::{Pen, column};
use crate::retention;
use ports::journal::{Batch, DeadLetter, Error, Letter, LetterId, Message, Outcome, Past, Record, Turn};
use rusqlite::params;

/// Dead letters of one instance: the newest that are within both bounds stay. Looked at with every so many, and not only
/// by the retention: a flood of them must not fill the disk for everybody.
const DEAD: i64 = 10_000;
const DEAD_BYTES: i64 = 64 << 20;
const DEAD_STEP: i64 = 100;
const OLDEST_DEAD_OUT: &str = "DELETE FROM dead WHERE instance = ?1 AND id <= coalesce((\
        SELECT max(id) FROM (\
            SELECT id, row_number() OVER newest AS place, sum(length(body)) OVER newest AS bytes \
            FROM dead WHERE instance = ?1 WINDOW newest AS (ORDER BY id DESC)) \
        WHERE place > ?2 OR bytes > ?3), 0)";

pub struct Append(pub Batch);

impl Work for Append {
    type Answer = Outcome;
    type Error = Error;

    fn apply(&self, pen: &mut Pen<'_>) -> rusqlite::Result<Result<Outcome, Error>> {
        for record in &self.0.records {
            if let Record::Accepted(message) = record
                && let Some(ticket) = known(pen, message)?
            {
                return Ok(Ok(Outcome::Known { ticket }));
            }
        }
        for record in &self.0.records {
            write(pen, record)?;
        }
        pen.wrote(self.0.records.len());
        Ok(Ok(Outcome::Written))
    }

    fn bytes(&self) -> usize {
        self.0.records.iter().map(bytes).sum()
    }

    fn kind(&self) -> Kind {
        if self.0.must { Kind::Must } else { Kind::Write }
    }
}

/// The ticket under which this key was seen. A key whose time is over is forgotten here, whether or not the retention
/// has come by: how long a key is known must not depend on how busy we are.
fn known(pen: &mut Pen<'_>, message: &Message) -> rusqlite::Result<Option<String>> {
    let instance = pen.instance(&message.instance)?;
    let sql = "SELECT ticket, closed_ms, id FROM messages WHERE instance = ?1 AND key = ?2";
    let read =
        |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get::<_, Option<i64>>(1)?, row.get::<_, i64>(2)?));
    Ok(match pen.maybe_row(sql, params![instance, message.key], read)? {
        Some((_, Some(closed_ms), id)) if closed_ms < retention::keys_before(pen.now_ms) => {
            pen.run("DELETE FROM messages WHERE id = ?1", [id])?;
            None
        }
        Some((ticket, ..)) => Some(ticket),
        None => None,
    })
}

fn write(pen: &mut Pen<'_>, record: &Record) -> rusqlite::Result<()> {
    match record {
        Record::Accepted(message) => accepted(pen, message),
        Record::Closed { ticket, at_ms } => closed(pen, ticket, *at_ms),
        Record::Letter(letter) => new_letter(pen, letter),
        Record::Setback { letter: LetterId { source, number }, past } => change(
            pen,
            "UPDATE letters SET past = ?3 WHERE source = ?1 AND number = ?2",
            params![source, number, json(past)],
        ),
        Record::Settled(LetterId { source, number }) => {
            change(pen, "DELETE FROM letters WHERE source = ?1 AND number = ?2", params![source, number])
        }
        Record::Turn(turn) => said(pen, turn),
        Record::Dead(dead) => set_aside(pen, dead),
        Record::DeadAgain { id, reason, past } => change(
            pen,
            "UPDATE dead SET reason = ?2, past = ?3 WHERE id = ?1",
            params![id, reason, json(past)],
        ),
        Record::DeadGone { id } => change(pen, "DELETE FROM dead WHERE id = ?1", [id]),
    }
}

fn change(pen: &Pen<'_>, sql: &str, values: impl rusqlite::Params) -> rusqlite::Result<()> {
    pen.run(sql, values).map(drop)
}

/// A ticket that is there already, or a key that is twice in one batch, is the caller's bug: the batch fails whole.
fn accepted(pen: &mut Pen<'_>, message: &Message) -> rusqlite::Result<()> {
    let instance = pen.instance(&message.instance)?;
    let Message { ticket, key, accepted_ms, deadline_ms, body, .. } = message;
    let sql = "INSERT INTO messages (ticket, instance, key, accepted_ms, deadline_ms, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    change(pen, sql, params![ticket, instance, key, column(*accepted_ms), column(*deadline_ms), body])
}

fn closed(pen: &Pen<'_>, ticket: &str, at_ms: u64) -> rusqlite::Result<()> {
    let sql = "UPDATE messages SET closed_ms = ?2, body = x'' WHERE ticket = ?1 AND closed_ms IS NULL";
    change(pen, sql, params![ticket, column(at_ms)])?;
    change(pen, "DELETE FROM letters WHERE source = ?1", [ticket])
}

/// A source keeps the place of its first letter as long as it has a letter.
fn new_letter(pen: &mut Pen<'_>, letter: &Letter) -> rusqlite::Result<()> {
    let instance = pen.instance(&letter.instance)?;
    let LetterId { source, number } = &letter.id;
    let sql = "INSERT INTO letters (source, number, instance, since_ms, body, past, place) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, coalesce( \
                   (SELECT place FROM letters WHERE source = ?1 LIMIT 1), \
                   (SELECT max(place) + 1 FROM letters), 1))";
    change(
        pen,
        sql,
        params![source, number, instance, column(letter.since_ms), letter.body, json(&letter.past)],
    )
}

fn said(pen: &mut Pen<'_>, turn: &Turn) -> rusqlite::Result<()> {
    let instance = pen.instance(&turn.instance)?;
    let sql = "INSERT INTO conversations (instance, name, turns) VALUES (?1, ?2, 1) \
               ON CONFLICT (instance, name) DO UPDATE SET turns = turns + 1 RETURNING id";
    let conversation: i64 = pen.row(sql, params![instance, turn.conversation], |row| row.get(0))?;
    let sql = "INSERT INTO turns (conversation, from_agent, text, at_ms) VALUES (?1, ?2, ?3, ?4)";
    change(pen, sql, params![conversation, turn.from_agent, turn.text, column(turn.at_ms)])
}

fn set_aside(pen: &mut Pen<'_>, dead: &DeadLetter) -> rusqlite::Result<()> {
    let instance = pen.instance(&dead.instance)?;
    let DeadLetter { room, about, reason, at_ms, past, body, .. } = dead;
    let sql = "INSERT INTO dead (instance, room, about, reason, at_ms, past, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    change(pen, sql, params![instance, room, about, reason, column(*at_ms), json(past), body])?;
    match pen.db.last_insert_rowid() % DEAD_STEP {
        0 => change(pen, OLDEST_DEAD_OUT, params![instance, DEAD, DEAD_BYTES]),
        _ => Ok(()),
    }
}

fn json(past: &Past) -> String {
    serde_json::to_string(past).expect("numbers and strings are always JSON")
}

fn bytes(record: &Record) -> usize {
    match record {
        Record::Accepted(message) => message.body.len(),
        Record::Letter(letter) => letter.body.len(),
        Record::Dead(dead) => dead.body.len(),
        Record::Turn(turn) => turn.text.len(),
        _ => 0,
    }
}
