//! Many processes that share a database, and processes that die while they write.

use rusqlite::params;

use super::super::{INSERT_EVENT, SqliteStore, all_or_nothing, json};
use crate::testing::conformance::keep;
use crate::testing::processes::{BATCH, assert_whole, batch, hear, part, say, spawn, wait_for_parent};
use crate::testing::samples::{next, session};

crate::testing::processes::process_suite! {
    |path| Box::new(SqliteStore::open(path).expect("the store opens"))
}

#[test]
fn a_half_written_batch_is_rolled_back_if_its_writer_dies() {
    if let Some((path, _)) = part() {
        let mut store = SqliteStore::open(&path).expect("the store opens");
        keep(&mut store, &batch(1));
        // With a small cache, half of the batch is already in the log file.
        store.connection.pragma_update(None, "cache_size", 1).expect("a small cache");
        let half = all_or_nothing(&mut store.connection, |db| {
            for new in next(&SqliteStore::open(&path)?, &batch(2)).iter().take(BATCH / 2) {
                let body = json(&new.event.kind)?;
                let stream = new.event.stream().to_string();
                db.execute(INSERT_EVENT, params![stream, new.version, 1, body])?;
            }
            say("half");
            wait_for_parent();
            Ok(())
        });
        half.map_err(|_| ()).expect("the parent does not kill this process");
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("codewalk.db");
    let test = "a_half_written_batch_is_rolled_back_if_its_writer_dies";
    let (mut child, mut says) = spawn(&format!("{}::{test}", module_path!()), &path, 1);
    hear(&mut says, "half");
    let log = std::fs::read(folder.path().join("codewalk.db-wal")).unwrap();
    let half = session(2).to_string();
    assert!(log.windows(half.len()).any(|bytes| bytes == half.as_bytes()));
    child.kill().unwrap();
    child.wait().unwrap();
    let mut store = SqliteStore::open(&path).unwrap();
    let check = store.connection.query_row("PRAGMA integrity_check", [], |row| row.get(0));
    assert_eq!(check, Ok("ok".to_owned()));
    assert_whole(&mut store, 1);
}
