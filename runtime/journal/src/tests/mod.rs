//! Against real files. What the tests share: a journal with a clock that they set, and short ways to say records.
mod accepting;
mod crash;
mod dead;
mod full;
mod group;
mod keeping;
mod letters;
mod opening;
mod store;
mod turns;

use crate::fault::Fault;
use crate::{FILE, Sqlite};
use ports::identity::InstanceId;
use ports::journal::{Batch, DeadLetter, Letter, LetterId, Message, Open, Past, Record, Turn};
use ports::journal::{Journal as _, Outcome};
use rusqlite::Connection;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use tempfile::TempDir;

const START_MS: u64 = 1_800_000_000_000;
const DAY_MS: u64 = 24 * 3600 * 1000;

struct House {
    dir: TempDir,
    now_ms: Arc<AtomicU64>,
}

impl House {
    fn new() -> Self {
        Self { dir: TempDir::new().unwrap(), now_ms: Arc::new(AtomicU64::new(START_MS)) }
    }

    fn open(&self) -> Sqlite {
        let now_ms = self.now_ms.clone();
        Sqlite::open(self.dir.path(), Arc::new(move || now_ms.load(SeqCst))).unwrap()
    }

    fn file(&self) -> PathBuf {
        self.dir.path().join(FILE)
    }

    fn days_pass(&self, days: u64) {
        self.now_ms.fetch_add(days * DAY_MS, SeqCst);
    }
}

impl Sqlite {
    /// Any statement, on the journal's thread and behind all that is queued.
    async fn with<T: Send + 'static>(
        &self,
        look: impl Fn(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> T {
        self.look::<T, Fault>(false, look).await.unwrap()
    }

    async fn number(&self, sql: &'static str) -> i64 {
        self.with(move |db| db.query_row(sql, [], |row| row.get(0))).await
    }

    async fn write(&self, records: impl Into<Vec<Record>>) -> Outcome {
        self.append(Batch::of(records.into())).await.unwrap()
    }

    async fn is_whole(&self) -> bool {
        let check =
            |db: &Connection| db.query_row("PRAGMA integrity_check", [], |row| row.get::<_, String>(0));
        self.with(check).await == "ok"
    }
}

fn instance(name: &str) -> InstanceId {
    InstanceId::new("default", "occum", name).unwrap()
}

fn message(ticket: &str, key: &str) -> Message {
    Message {
        instance: instance("a"),
        ticket: ticket.into(),
        key: key.into(),
        accepted_ms: START_MS,
        deadline_ms: u64::MAX,
        body: format!("body of {ticket}\0\u{ff}").into_bytes(),
    }
}

fn accepted(ticket: &str, key: &str) -> Record {
    Record::Accepted(message(ticket, key))
}

fn closed(ticket: &str) -> Record {
    Record::Closed { ticket: ticket.into(), at_ms: START_MS }
}

fn letter(source: &str, number: u32) -> Letter {
    Letter {
        id: LetterId { source: source.into(), number },
        instance: instance("a"),
        since_ms: START_MS,
        body: format!("letter {number} of {source}").into_bytes(),
        past: Past::default(),
    }
}

fn turn(conversation: &str, text: &str, at_ms: u64) -> Turn {
    Turn {
        instance: instance("a"),
        conversation: conversation.into(),
        from_agent: text.starts_with("agent"),
        text: text.into(),
        at_ms,
    }
}

fn dead(name: &str, about: &str) -> DeadLetter {
    let mut past = Past::default();
    past.fails(START_MS, "timeout");
    DeadLetter {
        id: 0,
        instance: instance(name),
        room: "agent".into(),
        about: about.into(),
        reason: "no answer".into(),
        at_ms: START_MS,
        past,
        body: b"body".to_vec(),
    }
}

fn known(ticket: &str) -> Outcome {
    Outcome::Known { ticket: ticket.into() }
}

fn tickets(open: &Open) -> Vec<&str> {
    open.messages.iter().map(|message| message.ticket.as_str()).collect()
}

fn letters(open: &Open) -> Vec<(&str, u32)> {
    open.letters.iter().map(|letter| (letter.id.source.as_str(), letter.id.number)).collect()
}
