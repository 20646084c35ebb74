//! Behaviour specific to a store in SQLite.

mod faults;
mod processes;

use std::fs;

use rusqlite::Connection;
use tempfile::TempDir;

use super::*;
use crate::testing::conformance::keep;
use crate::testing::media::{files, mode, set_mode};
use crate::testing::samples::{NASTY, entry, of_session, session, starting, story};

fn open() -> (TempDir, SqliteStore) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let store = SqliteStore::open(&folder.path().join("codewalk.db")).expect("a new store");
    (folder, store)
}

crate::testing::conformance::conformance_suite! { open() }

#[test]
fn data_persists_after_reopening() {
    let (folder, mut store) = open();
    keep(&mut store, &story());
    let entries = [entry(1, 0, NASTY)];
    store.append_entries(session(1), 1, RawFile::Stdout, &entries, 9).unwrap();
    let before = (store.events_after(0, 100).unwrap(), store.session(session(1)).unwrap());
    drop(store);
    let store = SqliteStore::open(&folder.path().join("codewalk.db")).unwrap();
    let after = (store.events_after(0, 100).unwrap(), store.session(session(1)).unwrap());
    assert_eq!(after, before);
    assert_eq!(store.entries(session(1), 0, 10).unwrap(), entries);
    assert_eq!(store.reader_position(session(1), 1, RawFile::Stdout).unwrap(), 9);
}

#[test]
fn events_are_synced_to_the_disk_and_entries_with_the_next_event() {
    let (folder, first) = open();
    let again = SqliteStore::open(&folder.path().join("codewalk.db")).unwrap();
    for store in [first, again] {
        let pragma = |db: &Connection, name: &str| {
            let value = db.pragma_query_value(None, name, |row| row.get::<_, rusqlite::types::Value>(0));
            value.unwrap()
        };
        for db in [&store.connection, &store.derived] {
            assert_eq!(pragma(db, "journal_mode"), "wal".to_owned().into());
        }
        assert_eq!(pragma(&store.connection, "synchronous"), 2.into(), "FULL");
        assert_eq!(pragma(&store.derived, "synchronous"), 1.into(), "NORMAL");
    }
}

#[test]
fn other_users_cannot_read_the_store() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("data").join("codewalk");
    let path = folder.join("codewalk.db");
    let mut store = SqliteStore::open(&path).unwrap();
    keep(&mut store, &story());
    assert_eq!(mode(&folder), 0o700);
    assert_eq!(mode(&home.path().join("data")), 0o700);
    let names: Vec<_> = files(&folder).into_iter().map(|(path, _)| path).collect();
    let expected = ["codewalk.db", "codewalk.db-shm", "codewalk.db-wal"].map(|name| folder.join(name));
    assert_eq!(names, expected);
    for path in &names {
        assert_eq!(mode(path), 0o600, "{path:?}");
        set_mode(path, 0o644);
    }
    set_mode(&folder, 0o755);
    SqliteStore::open(&path).unwrap();
    for path in &names {
        assert_eq!(mode(path), 0o600, "{path:?} was readable for all");
    }
    assert_eq!(mode(&folder), 0o755, "a folder that is there is the user's");
}

#[test]
fn a_store_of_a_newer_codewalk_is_refused_and_unchanged() {
    let (folder, store) = open();
    let path = folder.path().join("codewalk.db");
    let newer = opening::STEPS.len() as i64 + 1;
    store.connection.pragma_update(None, "user_version", newer).unwrap();
    drop(store);
    let before = files(folder.path());
    match SqliteStore::open(&path) {
        Err(StoreError::NewerSchema { path: named, found, known }) => {
            assert_eq!((named, found, known), (path, newer, newer - 1));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(files(folder.path()), before);
}

#[test]
fn an_invalid_database_is_refused_and_unchanged() {
    let (whole, mut store) = open();
    keep(&mut store, &story());
    drop(store);
    let sound = fs::read(whole.path().join("codewalk.db")).unwrap();
    let garbage = [
        b"hello".to_vec(),
        b"[log] this is no database\n".repeat(1_000),
        vec![0; 8_192],
        sound[..sound.len() / 2].to_vec(),
    ];
    for bytes in garbage {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("codewalk.db");
        fs::write(&path, &bytes).unwrap();
        set_mode(&path, 0o600);
        match SqliteStore::open(&path) {
            Err(StoreError::Corrupt { path: named, what, .. }) => {
                assert_eq!((named, what.as_str()), (path.clone(), "the database"));
            }
            other => panic!("{} bytes: {other:?}", bytes.len()),
        }
        assert_eq!(files(folder.path()), [(path, bytes)]);
    }
}

#[test]
fn an_empty_file_is_a_new_store() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("codewalk.db");
    // A process that is killed right after it creates the file leaves this behind.
    fs::write(&path, "").unwrap();
    keep(&mut SqliteStore::open(&path).unwrap(), &story());
}

#[test]
fn an_older_store_is_migrated() {
    let (folder, mut store) = open();
    let path = folder.path().join("codewalk.db");
    keep(&mut store, &story());
    drop(store);
    let version =
        |db: &Connection| -> i64 { db.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap() };
    let tables = |db: &Connection| db.prepare("SELECT name FROM half").is_ok();

    let broken = [opening::STEPS, &["CREATE TABLE half (name TEXT); CREATE TABLE half (name TEXT)"]].concat();
    opening::open(&path, &broken).expect_err("a step that fails");
    let db = opening::open(&path, opening::STEPS).expect("the schema is the old one still");
    assert_eq!(version(&db), opening::STEPS.len() as i64);
    assert!(!tables(&db), "nothing is half done");

    let newer = [opening::STEPS, &["CREATE TABLE half (name TEXT)"]].concat();
    for _ in 0..2 {
        let db = opening::open(&path, &newer).unwrap();
        assert_eq!(version(&db), newer.len() as i64);
        assert!(tables(&db));
    }
    let db = opening::open(&path, &newer).unwrap();
    assert_eq!(collect(&db, EVENTS_AFTER, [0, 100], event_of).map(|e| e.len()).ok(), Some(story().len()));
}

#[test]
fn data_of_an_older_codewalk_is_read() {
    let (_folder, mut store) = open();
    keep(
        &mut store,
        &[of_session(session(1), 1, starting(1, NASTY)), of_session(session(2), 2, starting(1, "b"))],
    );
    let sessions = store.sessions(10, None).unwrap();
    let entries = [entry(1, 0, "a"), entry(1, 10, &NASTY.repeat(99))];

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("codewalk.db");
    let older = opening::open(&path, &opening::STEPS[..1]).unwrap();
    for session in &sessions {
        let put = "INSERT INTO sessions (id, changed_at, state, body) VALUES (?1, ?2, 'starting', ?3)";
        let body = serde_json::to_string(session).unwrap();
        older.execute(put, params![session.id.to_string(), session.changed_at.0, body]).unwrap();
    }
    let mut store = SqliteStore::open(&path).unwrap();
    // The older version may still be running.
    for (number, entry) in (0_u64..).zip(&entries) {
        let put =
            "INSERT INTO entries (session, number, run, offset, length, body) VALUES (?1, ?2, 1, ?3, 10, ?4)";
        let body = serde_json::to_string(&entry.kind).unwrap();
        older.execute(put, params![session(1).to_string(), number, entry.offset, body]).unwrap();
    }
    assert_eq!(store.sessions(10, None).unwrap(), sessions);
    assert_eq!(store.briefs(10).unwrap(), sessions.iter().map(Session::brief).collect::<Vec<_>>());
    assert_eq!(store.entries(session(1), 0, 10).unwrap(), entries);

    store.append_entries(session(1), 1, RawFile::Stdout, &[entry(1, 20, "c")], 30).unwrap();
    assert_eq!(store.entry_count(session(1)).unwrap(), 3);
}

#[test]
fn long_texts_are_compressed() {
    let (_folder, mut store) = open();
    let text = "let value = index;\n".repeat(500);
    store.append_entries(session(1), 1, RawFile::Stdout, &[entry(1, 0, &text)], 9).unwrap();
    let size = "SELECT length(body) + length(packed) FROM entries";
    let size = number(&store.connection, size, []).on("", &store.path).unwrap();
    assert!(size < 500, "{size}");
    assert_eq!(store.entries(session(1), 0, 10).unwrap(), [entry(1, 0, &text)]);
}

#[test]
fn ten_thousand_sessions_are_listed_without_reading_an_event() {
    let (_folder, mut store) = open();
    let events: Vec<_> = (1..=10_000)
        .map(|n| NewEvent { version: 1, event: of_session(session(n), n, starting(1, "do it")) })
        .collect();
    store.append(&events).unwrap();
    store.connection.execute("UPDATE events SET body = 'unreadable'", []).unwrap();
    store.read(session(1).into()).expect_err("no event can be read");

    assert_eq!(store.sessions(u32::MAX, None).unwrap().len(), 10_000);
    assert_eq!(store.briefs(u32::MAX).unwrap().len(), 10_000);
    assert_eq!(store.unfinished().unwrap().len(), 10_000);
    assert_eq!(store.find("0197f5a2-0000-7000-8000-000000000007").unwrap(), session(7));
    assert!(store.session(session(9_999)).unwrap().is_some());
}

#[test]
fn no_frequent_query_reads_a_whole_table_or_sorts() {
    let (_folder, store) = open();
    let frequent = [
        READ_EVENTS,
        EVENTS_AFTER,
        LAST_VERSION,
        GET_SESSION,
        SESSIONS,
        BRIEFS,
        UNFINISHED,
        ENTRIES,
        ENTRIES_NEWEST,
        ENTRY_COUNT,
        POSITION,
    ];
    for query in frequent {
        let mut plan = store.connection.prepare(&format!("EXPLAIN QUERY PLAN {query}")).unwrap();
        let nulls = vec![rusqlite::types::Null; plan.parameter_count()];
        let steps = plan.query_map(rusqlite::params_from_iter(nulls), |row| row.get::<_, String>(3));
        for step in steps.unwrap() {
            let step = step.unwrap();
            assert!(step.contains(" USING ") && !step.contains("TEMP"), "{query}: {step}");
        }
    }
}
