//! A store in SQLite with unreadable data, and without permission, room or time to write.

use std::error::Error;
use std::fs;
use std::time::Duration;

use super::*;
use crate::testing::conformance::keep;
use crate::testing::media::{set_mode, trouble, unprivileged};
use crate::testing::samples::{entry, made, next, of_session, session, started, starting, story};

#[test]
fn unreadable_data_is_reported_and_never_skipped() {
    let corrupt = |tamper: &str, expected: &str, read: fn(&SqliteStore) -> Result<usize, StoreError>| {
        let (_folder, mut store) = open();
        keep(&mut store, &story());
        let entries = [entry(1, 0, "a"), entry(1, 1, "b")];
        store.append_entries(session(1), 1, RawFile::Stdout, &entries, 9).unwrap();
        assert!(read(&store).unwrap() > 0);
        assert!(store.connection.execute(tamper, []).unwrap() > 0);
        match read(&store) {
            Err(StoreError::Corrupt { what, .. }) => assert_eq!(what, expected, "{tamper}"),
            other => panic!("{tamper}: {other:?}"),
        }
    };
    let all = |s: &SqliteStore| s.events_after(0, 100).map(|events| events.len());
    let stream = |s: &SqliteStore| s.read(session(1).into()).map(|events| events.len());
    for body in [
        "'{\"subject\": \"telepathy\"}'",
        "'{\"subject\": \"session\"'",
        "''",
        "CAST(x'ff' AS TEXT)",
        "(SELECT body FROM events WHERE seq = 1)",
    ] {
        let tamper = format!("UPDATE events SET body = {body} WHERE seq = 12");
        corrupt(&tamper, "event 12", all);
        corrupt(&tamper, "event 12", stream);
    }
    corrupt("UPDATE events SET version = -1 WHERE seq = 12", "event 12", all);
    corrupt("UPDATE events SET stream = 'mine' WHERE seq = 12", "event 12", all);
    corrupt("UPDATE events SET stream = 'mine' WHERE seq = 12", "stream \"mine\"", |s| {
        s.recent(10).map(|streams| streams.len())
    });

    let name = format!("session {:?}", session(1).to_string());
    corrupt("UPDATE sessions SET id = CAST(x'ff' AS TEXT)", "a value", |s| {
        s.sessions(10, None).map(|s| s.len())
    });
    corrupt("UPDATE sessions SET body = '{}'", &name, |s| s.sessions(10, None).map(|s| s.len()));
    for tamper in ["agent = NULL, body = '{}'", "agent = NULL, body = 'x'", "state = 'happy'", "text = NULL"]
    {
        let tamper = format!("UPDATE sessions SET {tamper}");
        corrupt(&tamper, &name, |s| s.briefs(10).map(|briefs| briefs.len()));
    }
    corrupt("UPDATE sessions SET body = '{}'", &name, |s| s.session(session(1)).map(|s| s.iter().len()));
    corrupt("UPDATE readers SET position = -1", "a value", |s| {
        s.reader_position(session(1), 1, RawFile::Stdout).map(|position| position as usize)
    });
    let entry = format!("entry 1 of {name}");
    let tamper = "UPDATE entries SET body = '{\"type\": \"song\"}' WHERE number = 1";
    corrupt(tamper, &entry, |s| s.entries(session(1), 0, 10).map(|e| e.len()));
    corrupt(tamper, &entry, |s| s.entries_newest(session(1), 9_999).map(|e| e.len()));
    for packed in ["x'00'", "x'030058'", "x'ff'", "x''"] {
        let tamper = format!("UPDATE entries SET packed = {packed} WHERE number = 1");
        corrupt(&tamper, &entry, |s| s.entries(session(1), 0, 10).map(|e| e.len()));
    }
}

#[test]
fn a_full_disk_is_reported_and_leaves_no_partial_batch() {
    let (_folder, mut store) = open();
    keep(&mut store, &[of_session(session(1), 1, starting(1, "do it"))]);
    let pages = |store: &SqliteStore, count: i64| {
        for db in [&store.connection, &store.derived] {
            db.pragma_update_and_check(None, "max_page_count", count, |_| Ok(())).unwrap();
        }
    };
    let before = store.session(session(1)).unwrap();
    pages(&store, 1);
    let mut events = vec![of_session(session(1), 2, started())];
    events.extend((0..20).map(|n| of_session(session(1), 3, made(&format!("{n}{}", "x".repeat(9_999))))));
    let events = next(&store, &events);
    assert!(trouble(store.append(&events)).contains("disk is full"));
    assert_eq!(store.events_after(0, 100).unwrap().len(), 1);
    assert_eq!(store.session(session(1)).unwrap(), before);
    // Not a repeated letter, which would compress well.
    let long: String =
        (0..9_999_u64).map(|n| format!("{:x}", n.wrapping_mul(0x9e37_79b9_7f4a_7c15))).collect();
    let long = [entry(1, 0, &long)];
    let refused = store.append_entries(session(1), 1, RawFile::Stdout, &long, 9);
    assert!(trouble(refused).contains("disk is full"));
    assert_eq!(store.reader_position(session(1), 1, RawFile::Stdout).unwrap(), 0);

    pages(&store, 1_000_000);
    assert_eq!(store.append(&events).unwrap().len(), 21);
}

#[test]
fn a_writer_that_waits_too_long_fails() {
    let (folder, mut store) = open();
    let other = SqliteStore::open(&folder.path().join("codewalk.db")).unwrap();
    store.connection.busy_timeout(Duration::from_millis(20)).unwrap();
    other.connection.execute_batch("BEGIN IMMEDIATE").unwrap();
    let events = next(&store, &story());
    assert!(trouble(store.append(&events)).contains("another process"));
    other.connection.execute_batch("ROLLBACK").unwrap();
    store.append(&events).unwrap();
}

#[test]
#[cfg(target_os = "linux")]
fn a_missing_permission_is_reported() {
    let (folder, mut store) = open();
    keep(&mut store, &story());
    drop(store);
    let path = folder.path().join("codewalk.db");
    let before = fs::read(&path).unwrap();
    let new = folder.path().join("new.db");

    set_mode(folder.path(), 0o500);
    let refused = unprivileged(|| trouble(SqliteStore::open(&new)));
    assert!(refused.contains("permission denied"), "{refused}");
    let refused = unprivileged(|| trouble(SqliteStore::open(&path)));
    assert!(refused.contains("read-only"), "{refused}");
    set_mode(folder.path(), 0o700);

    set_mode(&path, 0o000);
    let refused = unprivileged(|| trouble(SqliteStore::open(&path)));
    assert!(refused.contains("cannot open it"), "{refused}");

    set_mode(&path, 0o400);
    let refused = unprivileged(|| {
        let mut store = SqliteStore::open(&path)?;
        let events = [of_session(session(2), 1, starting(1, "do it"))];
        let events = next(&store, &events);
        store.append(&events)
    });
    assert!(trouble(refused).contains("read-only"));
    let refused = unprivileged(|| SqliteStore::open(&path)?.try_to_keep());
    assert!(trouble(refused).contains("read-only"));
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn errors_name_the_operation_the_file_and_a_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a\u{1b}[2Jb.db");
    fs::write(&path, "hello").unwrap();
    let said = SqliteStore::open(&path).unwrap_err().to_string();
    assert!(said.contains("a\\u{1b}[2Jb.db") && said.contains("backup"), "{said}");
    assert!(said.contains("file is not a database"), "{said}");

    let (_folder, mut store) = open();
    keep(&mut store, &story());
    let hostile = r#"{"subject": "\u001b[2J"}"#;
    store.connection.execute("UPDATE events SET body = ?1 WHERE seq = 1", [hostile]).unwrap();
    let said = store.events_after(0, 10).unwrap_err().to_string();
    assert!(said.contains("unknown variant `\u{fffd}[2J`"), "{said}");

    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let error = SqliteStore::open(&file.join("codewalk.db")).unwrap_err();
    assert!(error.to_string().starts_with("cannot create the store in \""), "{error}");
    assert!(error.source().is_some(), "the error has a source");
}
