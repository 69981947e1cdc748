use super::*;
use crate::{OpenError, schema};
use std::fs;
use std::os::unix::fs::PermissionsExt;

fn refused(house: &House) -> OpenError {
    Sqlite::open(house.dir.path(), Arc::new(|| START_MS)).err().unwrap()
}

#[tokio::test]
async fn an_empty_database_gets_the_tables_and_our_settings() {
    let house = House::new();
    // What SQLite leaves when a process dies before the first migration.
    fs::write(house.file(), "").unwrap();
    let journal = house.open();
    assert_eq!(journal.number("PRAGMA user_version").await, schema::NEWEST);
    assert_eq!(journal.number("PRAGMA application_id").await, schema::APPLICATION);
    assert_eq!(journal.number("PRAGMA synchronous").await, 2);
    assert_eq!(journal.number("PRAGMA auto_vacuum").await, 2);
    let mode = |db: &Connection| db.query_row("PRAGMA journal_mode", [], |row| row.get::<_, String>(0));
    assert_eq!(journal.with(mode).await, "wal");
    assert_eq!(journal.write([accepted("t", "k")]).await, Outcome::Written);
}

#[tokio::test]
async fn only_its_owner_can_read_what_is_written() {
    let house = House::new();
    let inner = house.dir.path().join("state/journal");
    let journal = Sqlite::open(&inner, Arc::new(|| START_MS)).unwrap();
    journal.write([accepted("t", "k")]).await;
    let mode = |path: PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(inner.clone()), 0o700);
    for suffix in ["", "-wal", "-shm"] {
        assert_eq!(mode(inner.join(format!("{FILE}{suffix}"))), 0o600, "{suffix}");
    }
}

#[test]
fn a_newer_journal_is_refused_with_what_to_do_and_left_alone() {
    let house = House::new();
    drop(house.open());
    let newer = schema::NEWEST + 1;
    Connection::open(house.file()).unwrap().pragma_update(None, "user_version", newer).unwrap();
    let before = fs::read(house.file()).unwrap();
    let text = refused(&house).to_string();
    assert!(text.contains("newer runtime") && text.contains(FILE), "{text}");
    assert_eq!(fs::read(house.file()).unwrap(), before);
}

#[test]
fn what_is_no_journal_is_refused_by_name_and_left_alone() {
    let garbage = House::new();
    fs::write(garbage.file(), "this is no database, ".repeat(500)).unwrap();
    let foreign = House::new();
    Connection::open(foreign.file()).unwrap().execute_batch("CREATE TABLE messages (id)").unwrap();
    for house in [garbage, foreign] {
        let before = fs::read(house.file()).unwrap();
        let text = refused(&house).to_string();
        assert!(text.contains("is not a journal") && text.contains(FILE), "{text}");
        assert_eq!(fs::read(house.file()).unwrap(), before);
    }
}

#[test]
fn a_directory_that_cannot_be_made_is_named() {
    let house = House::new();
    fs::write(house.dir.path().join("file"), "").unwrap();
    let error = Sqlite::open(&house.dir.path().join("file"), Arc::new(|| START_MS)).err().unwrap();
    assert!(matches!(error, OpenError::Directory { .. }) && error.to_string().contains("/file"), "{error}");
}
