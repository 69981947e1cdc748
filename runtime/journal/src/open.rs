//! From a directory to a connection that is set up: private, synced, of our version, or refused with what to do.
use crate::{FILE, schema};
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("cannot use {path}")]
    Directory {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("{path} is not a journal: move it away, and the next start makes a new one")]
    NotAJournal { path: PathBuf },
    #[error(
        "{path} was written by a newer runtime (format {found}; this one knows up to {known}): \
         run that runtime, or give this one another state directory"
    )]
    Newer { path: PathBuf, found: i64, known: i64 },
    #[error("cannot open {path}")]
    Sqlite {
        path: PathBuf,
        #[source]
        source: rusqlite::Error,
    },
    #[error("cannot start the journal's thread")]
    Thread(#[source] io::Error),
}

/// Who else has the file only looks at it (a copy, an operator's `sqlite3`), and that does not hold us up. Should it write
/// all the same: for so long we wait, and everything with us.
const BUSY: Duration = Duration::from_secs(2);

/// The log is cut to this when it was longer: a burst must not keep its room for ever.
const LOG_BYTES: i64 = 64 * 1024 * 1024;

/// More than there are statements.
const STATEMENTS: usize = 64;

pub fn open(dir: &Path) -> Result<Connection, OpenError> {
    let path = dir.join(FILE);
    prepare(dir, &path).map_err(|source| OpenError::Directory { path: path.clone(), source })?;
    let wrong = |source: rusqlite::Error| match source.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => OpenError::NotAJournal { path: path.clone() },
        _ => OpenError::Sqlite { path: path.clone(), source },
    };
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(&path, flags).map_err(wrong)?;
    db.busy_timeout(BUSY).map_err(wrong)?;
    let version = version(&db).map_err(wrong)?;
    match version {
        None => return Err(OpenError::NotAJournal { path }),
        Some(found) if found > schema::NEWEST => {
            return Err(OpenError::Newer { path, found, known: schema::NEWEST });
        }
        Some(found) => {
            set_up(&db).map_err(wrong)?;
            schema::migrate(&db, found).map_err(wrong)?;
        }
    }
    Ok(db)
}

/// Makes the file before SQLite does: its log files take over the permissions.
fn prepare(dir: &Path, path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        // The name must survive power loss too.
        made => made.and_then(|_| File::open(dir)?.sync_all()),
    }
}

/// `None`: a database, but not ours. Reads only, so that what isn't ours stays as it is.
fn version(db: &Connection) -> rusqlite::Result<Option<i64>> {
    let version = db.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let application: i64 = db.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let tables: i64 = db.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    Ok((application == schema::APPLICATION || tables == 0).then_some(version))
}

fn set_up(db: &Connection) -> rusqlite::Result<()> {
    db.set_prepared_statement_cache_capacity(STATEMENTS);
    // NB: before anything is written: later it would need a VACUUM.
    db.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    db.pragma_update(None, "journal_mode", "WAL")?;
    // FULL: the log is synced with each commit. NORMAL would sync it with checkpoints only.
    db.pragma_update(None, "synchronous", "FULL")?;
    db.pragma_update(None, "temp_store", "MEMORY")?;
    db.pragma_update(None, "journal_size_limit", LOG_BYTES)?;
    db.pragma_update(None, "foreign_keys", false)
}
