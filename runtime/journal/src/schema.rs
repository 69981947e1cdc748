//! The tables, and how older files come to have them.
//!
//! Each entry of [`MIGRATIONS`] brings a file from its index to the next version (`user_version`), in one transaction.
//! Entries are never changed once released; a new one is added below.
use rusqlite::{Connection, Transaction, TransactionBehavior};

/// "conj", in the file's header: tells a journal from another program's database.
pub const APPLICATION: i64 = 0x636f_6e6a;

pub const NEWEST: i64 = MIGRATIONS.len() as i64;

const MIGRATIONS: [&str; 1] = [FIRST];

/// Open and closed messages share a table, so that one index knows all keys; what is asked for often (the open ones of an
/// instance) and what is looked for by the retention has a partial index each.
///
/// Conversations have a number of their own: their names are long and stand in every turn otherwise; they count their
/// turns, so that the long ones are found without counting.
const FIRST: &str = "
CREATE TABLE instances (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE messages (
    id INTEGER PRIMARY KEY,
    ticket TEXT NOT NULL UNIQUE,
    instance INTEGER NOT NULL,
    key TEXT NOT NULL,
    accepted_ms INTEGER NOT NULL,
    deadline_ms INTEGER NOT NULL,
    closed_ms INTEGER,
    body BLOB NOT NULL,
    UNIQUE (instance, key)
) STRICT;
CREATE INDEX messages_open ON messages (instance) WHERE closed_ms IS NULL;
CREATE INDEX messages_closed ON messages (closed_ms) WHERE closed_ms IS NOT NULL;

CREATE TABLE letters (
    id INTEGER PRIMARY KEY,
    place INTEGER NOT NULL,
    source TEXT NOT NULL,
    number INTEGER NOT NULL,
    instance INTEGER NOT NULL,
    since_ms INTEGER NOT NULL,
    past TEXT NOT NULL,
    body BLOB NOT NULL,
    UNIQUE (source, number)
) STRICT;
CREATE INDEX letters_open ON letters (instance);
CREATE INDEX letters_place ON letters (place);

CREATE TABLE conversations (
    id INTEGER PRIMARY KEY,
    instance INTEGER NOT NULL,
    turns INTEGER NOT NULL,
    name TEXT NOT NULL,
    UNIQUE (instance, name)
) STRICT;
CREATE INDEX conversations_long ON conversations (turns) WHERE turns > 200;

CREATE TABLE turns (
    id INTEGER PRIMARY KEY,
    conversation INTEGER NOT NULL,
    from_agent INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    text TEXT NOT NULL
) STRICT;
CREATE INDEX turns_of ON turns (conversation);
CREATE INDEX turns_at ON turns (at_ms);
CREATE TRIGGER turns_gone AFTER DELETE ON turns BEGIN
    UPDATE conversations SET turns = turns - 1 WHERE id = old.conversation;
    DELETE FROM conversations WHERE id = old.conversation AND turns <= 0;
END;

CREATE TABLE dead (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    instance INTEGER NOT NULL,
    room TEXT NOT NULL,
    about TEXT NOT NULL,
    reason TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    past TEXT NOT NULL,
    body BLOB NOT NULL
) STRICT;
CREATE INDEX dead_of ON dead (instance);
CREATE INDEX dead_at ON dead (at_ms);

CREATE TABLE store (
    id INTEGER PRIMARY KEY,
    instance INTEGER NOT NULL,
    version INTEGER NOT NULL,
    key BLOB NOT NULL,
    value BLOB NOT NULL,
    UNIQUE (instance, key)
) STRICT;

CREATE TABLE usage (
    instance INTEGER PRIMARY KEY,
    keys INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    version INTEGER NOT NULL
) STRICT;
";

/// Brings the file from `found` to [`NEWEST`]. What fails leaves the version that was reached.
pub fn migrate(db: &Connection, found: i64) -> rusqlite::Result<()> {
    for (version, sql) in (1_i64..).zip(MIGRATIONS).filter(|(version, _)| *version > found) {
        let step = Transaction::new_unchecked(db, TransactionBehavior::Immediate)?;
        step.execute_batch(sql)?;
        step.pragma_update(None, "application_id", APPLICATION)?;
        step.pragma_update(None, "user_version", version)?;
        step.commit()?;
    }
    Ok(())
}
