//! Many processes in one store, and processes that die in the middle of it.
//!
//! A test that needs other processes runs its own binary again, told by the environment to play the child's part.

use std::env;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::Barrier;
use std::thread;

use codewalk_core::event::Event;
use codewalk_core::ids::{StreamId, UtteranceId};
use rusqlite::params;

use super::{INSERT_EVENT, RawFile, SqliteStore, all_or_nothing, json};
use crate::conformance::keep;
use crate::samples::{entry, id, next, of_session, session, started, starting, story, used};
use crate::{Store, StoreError};
use codewalk_core::ports::SessionStore;

const PATH: &str = "CODEWALK_STORE_TEST_PATH";
const NUMBER: &str = "CODEWALK_STORE_TEST_NUMBER";

/// The part of a child: its store and its number. None in the test itself.
fn part() -> Option<(PathBuf, u64)> {
    let number = env::var(NUMBER).ok()?.parse().expect("a number");
    Some((env::var_os(PATH).expect("a path").into(), number))
}

/// Starts a child of a test in this file; what it says comes on its error stream, which no test harness writes to.
fn spawn(test: &str, path: &Path, number: u64) -> (Child, BufReader<ChildStderr>) {
    let mut child = Command::new(env::current_exe().expect("this program"))
        .args(["--exact", &format!("sqlite::processes::{test}"), "--nocapture"])
        .env(PATH, path)
        .env(NUMBER, number.to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the child starts");
    let says = BufReader::new(child.stderr.take().expect("its error stream"));
    (child, says)
}

fn say(what: &str) {
    writeln!(std::io::stderr(), "{what}").expect("the parent listens");
}

fn hear(says: &mut BufReader<ChildStderr>, expected: &str) {
    let mut line = String::new();
    says.read_line(&mut line).expect("the child says something");
    assert_eq!(line.trim_end(), expected);
}

/// Waits until the parent hangs up.
fn wait_for_parent() {
    let mut nothing = Vec::new();
    std::io::stdin().read_to_end(&mut nothing).expect("the parent hangs up");
}

/// An event of a stream that all children write to.
fn shared() -> Event {
    story().swap_remove(2)
}

const OWN_EVENTS: u64 = 30;
const SHARED_EVENTS: u64 = 10;

fn write_beside_others(path: &Path, number: u64) {
    say("ready");
    wait_for_parent();
    let mut store = SqliteStore::open(path).expect("the store opens");
    let mine = session(number);
    keep(&mut store, &[of_session(mine, 1, starting(1, "do it")), of_session(mine, 2, started())]);
    for n in 0..OWN_EVENTS {
        keep(&mut store, &[of_session(mine, 3, used(n as f64))]);
        let entries = [entry(1, n * 10, "a line")];
        store.append_entries(mine, 1, RawFile::Stdout, &entries, n * 10 + 10).expect("entries are kept");
    }
    for _ in 0..SHARED_EVENTS {
        loop {
            let events = next(&store, &[shared()]);
            match store.append(&events) {
                Ok(_) => break,
                Err(StoreError::Conflict { .. }) => {}
                Err(error) => panic!("{error}"),
            }
        }
    }
}

#[test]
fn twenty_processes_at_once_make_one_store_and_lose_nothing() {
    if let Some((path, number)) = part() {
        return write_beside_others(&path, number);
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new").join("codewalk.db");
    let test = "twenty_processes_at_once_make_one_store_and_lose_nothing";
    let mut children: Vec<_> = (1..=20).map(|n| spawn(test, &path, n)).collect();
    for (_, says) in &mut children {
        hear(says, "ready");
    }
    assert!(!path.exists(), "none has begun");
    for (child, _) in &mut children {
        drop(child.stdin.take());
    }
    for (child, says) in &mut children {
        let mut rest = String::new();
        says.read_to_string(&mut rest).unwrap();
        assert!(child.wait().unwrap().success(), "{rest}");
    }

    let store = SqliteStore::open(&path).unwrap();
    let own = 2 + OWN_EVENTS;
    for n in 1..=20 {
        assert_eq!(store.read(session(n).into()).unwrap().len() as u64, own);
        assert_eq!(store.entry_count(session(n)).unwrap(), OWN_EVENTS);
    }
    let stream: StreamId = UtteranceId(id(900)).into();
    assert_eq!(store.read(stream).unwrap().len() as u64, 20 * SHARED_EVENTS);
    let seqs: Vec<_> = store.events_after(0, u32::MAX).unwrap().iter().map(|e| e.seq).collect();
    assert_eq!(seqs, (1..=20 * (own + SHARED_EVENTS)).collect::<Vec<_>>());
}

#[test]
fn threads_that_open_a_new_store_at_once_share_it() {
    for _ in 0..30 {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("codewalk.db");
        let together = Barrier::new(8);
        thread::scope(|scope| {
            for n in 1..=8 {
                let (path, together) = (&path, &together);
                scope.spawn(move || {
                    together.wait();
                    let mut store = SqliteStore::open(path).unwrap();
                    keep(&mut store, &[of_session(session(n), n, starting(1, "do it"))]);
                });
            }
        });
        let store = SqliteStore::open(&path).unwrap();
        assert_eq!(store.sessions(100, None).unwrap().len(), 8);
    }
}

const BATCH: usize = 200;

fn batch(number: u64) -> Vec<Event> {
    let mut events = vec![starting(1, "do it"), started()];
    events.extend((2..BATCH).map(|n| used(n as f64)));
    events.into_iter().map(|e| of_session(session(number), 1, e)).collect()
}

/// Checks that a store holds whole batches only, and at least those that were acknowledged.
fn assert_whole(path: &Path, acknowledged: u64) {
    let mut store = SqliteStore::open(path).expect("the store opens");
    let sessions = store.sessions(u32::MAX, None).unwrap();
    assert!(sessions.len() as u64 >= acknowledged, "{} < {acknowledged}", sessions.len());
    for s in &sessions {
        let events = store.read(s.id.into()).unwrap();
        assert_eq!((events.len(), s.version), (BATCH, BATCH as u64));
    }
    assert_eq!(store.events_after(0, u32::MAX).unwrap().len(), sessions.len() * BATCH);
    let check = store.connection.query_row("PRAGMA integrity_check", [], |row| row.get(0));
    assert_eq!(check, Ok("ok".to_owned()));
    // The dead hold no lock.
    keep(&mut store, &batch(1_000_000));
}

#[test]
fn a_writer_that_is_killed_loses_nothing_it_was_told_is_kept() {
    if let Some((path, _)) = part() {
        let mut store = SqliteStore::open(&path).expect("the store opens");
        for n in 1.. {
            keep(&mut store, &batch(n));
            say(&format!("kept {n}"));
        }
    }
    for kept in 0..5 {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("codewalk.db");
        let test = "a_writer_that_is_killed_loses_nothing_it_was_told_is_kept";
        let (mut child, mut says) = spawn(test, &path, 1);
        for n in 1..=kept {
            hear(&mut says, &format!("kept {n}"));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        assert_whole(&path, kept);
    }
}

#[test]
fn a_batch_that_was_half_written_when_its_writer_died_never_was() {
    if let Some((path, _)) = part() {
        let mut store = SqliteStore::open(&path).expect("the store opens");
        keep(&mut store, &batch(1));
        // With no room in memory the half batch lies in the log file already.
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
    let test = "a_batch_that_was_half_written_when_its_writer_died_never_was";
    let (mut child, mut says) = spawn(test, &path, 1);
    hear(&mut says, "half");
    let log = std::fs::read(folder.path().join("codewalk.db-wal")).unwrap();
    let half = session(2).to_string();
    assert!(log.windows(half.len()).any(|bytes| bytes == half.as_bytes()));
    child.kill().unwrap();
    child.wait().unwrap();
    assert_whole(&path, 1);
}
