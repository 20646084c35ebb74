//! Many processes that share a store, and processes that die while they write: the behaviour of every store
//! on disk, checked by [`process_suite`].
//!
//! A test that needs child processes runs its own binary again, with environment variables that make it act
//! as the child.

use std::env;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::Barrier;
use std::thread;

use codewalk_core::event::Event;
use codewalk_core::ids::{StreamId, UtteranceId};

use crate::testing::conformance::keep;
use crate::testing::samples::{entry, id, next, of_session, session, started, starting, story, used};
use crate::{RawFile, Store, StoreError};

/// Creates a test for each check. `$open` opens the store at a path.
macro_rules! process_suite {
    ($open:expr) => {
        $crate::testing::processes::process_suite! { $open =>
            twenty_processes_create_one_store_and_lose_nothing
            threads_that_open_a_new_store_at_once_share_it
            a_killed_writer_loses_nothing_that_was_acknowledged
            a_writer_at_the_file_size_limit_leaves_no_partial_batch
        }
    };
    ($open:expr => $($check:ident)+) => {
        $(#[test]
        fn $check() {
            $crate::testing::processes::$check(concat!(module_path!(), "::", stringify!($check)), $open);
        })+
    };
}
pub(crate) use process_suite;

/// Opens the store at a path.
type Open = fn(&Path) -> Box<dyn Store>;

const PATH: &str = "CODEWALK_STORE_TEST_PATH";
const NUMBER: &str = "CODEWALK_STORE_TEST_NUMBER";

/// Returns the store and the number of a child, or `None` in the test itself.
pub fn part() -> Option<(PathBuf, u64)> {
    let number = env::var(NUMBER).ok()?.parse().expect("a number");
    Some((env::var_os(PATH).expect("a path").into(), number))
}

/// Starts a child of a test. It writes to its error stream, which the test harness does not use.
pub fn spawn(test: &str, path: &Path, number: u64) -> (Child, BufReader<ChildStderr>) {
    spawn_after("", test, path, number)
}

/// Starts a child of a test after a shell command.
fn spawn_after(first: &str, test: &str, path: &Path, number: u64) -> (Child, BufReader<ChildStderr>) {
    let (_crate, test) = test.split_once("::").expect("the path of a test");
    let mut child = Command::new("sh")
        .args(["-c", &format!("{first}\nexec \"$0\" \"$@\"")])
        .arg(env::current_exe().expect("this program"))
        .args(["--exact", test, "--nocapture"])
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

pub fn say(what: &str) {
    writeln!(std::io::stderr(), "{what}").expect("the parent listens");
}

pub fn hear(says: &mut BufReader<ChildStderr>, expected: &str) {
    let mut line = String::new();
    says.read_line(&mut line).expect("the child says something");
    assert_eq!(line.trim_end(), expected);
}

/// Waits until the parent hangs up.
pub fn wait_for_parent() {
    let mut nothing = Vec::new();
    std::io::stdin().read_to_end(&mut nothing).expect("the parent hangs up");
}

/// An event of a stream that all children write to.
fn shared() -> Event {
    story().swap_remove(2)
}

fn shared_stream() -> StreamId {
    UtteranceId(id(900)).into()
}

const OWN_EVENTS: u64 = 30;
const SHARED_EVENTS: u64 = 10;

fn write_beside_others(store: &mut dyn Store, number: u64) {
    let mine = session(number);
    keep(store, &[of_session(mine, 1, starting(1, "do it")), of_session(mine, 2, started())]);
    for n in 0..OWN_EVENTS {
        keep(store, &[of_session(mine, 3, used(n as f64))]);
        let entries = [entry(1, n * 10, "a line")];
        store.append_entries(mine, 1, RawFile::Stdout, &entries, n * 10 + 10).expect("entries are kept");
    }
    for _ in 0..SHARED_EVENTS {
        loop {
            let events = next(store, &[shared()]);
            match store.append(&events) {
                Ok(_) => break,
                Err(StoreError::Conflict { .. }) => {}
                Err(error) => panic!("{error}"),
            }
        }
    }
}

pub fn twenty_processes_create_one_store_and_lose_nothing(test: &str, open: Open) {
    if let Some((path, number)) = part() {
        say("ready");
        wait_for_parent();
        return write_beside_others(open(&path).as_mut(), number);
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new").join("store");
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

    let store = open(&path);
    let own = 2 + OWN_EVENTS;
    for n in 1..=20 {
        assert_eq!(store.read(session(n).into()).unwrap().len() as u64, own);
        assert_eq!(store.entry_count(session(n)).unwrap(), OWN_EVENTS);
    }
    assert_eq!(store.read(shared_stream()).unwrap().len() as u64, 20 * SHARED_EVENTS);
    let seqs: Vec<_> = store.events_after(0, u32::MAX).unwrap().iter().map(|e| e.seq).collect();
    assert_eq!(seqs, (1..=20 * (own + SHARED_EVENTS)).collect::<Vec<_>>());
}

pub fn threads_that_open_a_new_store_at_once_share_it(_test: &str, open: Open) {
    for _ in 0..30 {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store");
        let together = Barrier::new(8);
        thread::scope(|scope| {
            for n in 1..=8 {
                let (path, together) = (&path, &together);
                scope.spawn(move || {
                    together.wait();
                    keep(open(path).as_mut(), &[of_session(session(n), n, starting(1, "do it"))]);
                });
            }
        });
        assert_eq!(open(&path).sessions(100, None).unwrap().len(), 8);
    }
}

/// The number of events of the session in a batch; the batch also has one event of another stream.
pub const BATCH: usize = 200;

/// Returns a batch with events of two streams.
pub fn batch(number: u64) -> Vec<Event> {
    let mut events = vec![starting(1, "do it"), started()];
    events.extend((2..BATCH).map(|n| used(n as f64)));
    let of_session = events.into_iter().map(|e| of_session(session(number), 1, e));
    of_session.chain([shared()]).collect()
}

/// Checks that a store contains only complete batches, and at least the acknowledged ones.
pub fn assert_whole(store: &mut dyn Store, acknowledged: u64) {
    let sessions = store.sessions(u32::MAX, None).unwrap();
    assert!(sessions.len() as u64 >= acknowledged, "{} < {acknowledged}", sessions.len());
    for s in &sessions {
        let events = store.read(s.id.into()).unwrap();
        assert_eq!((events.len(), s.version), (BATCH, BATCH as u64));
    }
    assert_eq!(store.read(shared_stream()).unwrap().len(), sessions.len());
    assert_eq!(store.events_after(0, u32::MAX).unwrap().len(), sessions.len() * (BATCH + 1));
    // Dead processes hold no locks.
    keep(store, &batch(1_000_000));
}

pub fn a_killed_writer_loses_nothing_that_was_acknowledged(test: &str, open: Open) {
    if let Some((path, _)) = part() {
        let mut store = open(&path);
        for n in 1.. {
            keep(store.as_mut(), &batch(n));
            say(&format!("kept {n}"));
        }
    }
    for round in 0..20 {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store");
        let (mut child, mut says) = spawn(test, &path, 1);
        let kept = round % 4;
        for n in 1..=kept {
            hear(&mut says, &format!("kept {n}"));
        }
        // At a different moment of the next batch each time.
        (0..round * 500).for_each(|_| thread::yield_now());
        child.kill().unwrap();
        child.wait().unwrap();
        assert_whole(open(&path).as_mut(), kept);
    }
}

pub fn a_writer_at_the_file_size_limit_leaves_no_partial_batch(test: &str, open: Open) {
    if let Some((path, _)) = part() {
        let mut store = open(&path);
        for n in 1.. {
            let events = next(store.as_ref(), &batch(n));
            match store.append(&events) {
                Ok(_) => say(&format!("kept {n}")),
                Err(StoreError::Io { .. }) => return say("refused"),
                Err(error) => panic!("{error}"),
            }
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    // The signal would end the process. If it is ignored, writing fails instead.
    let (mut child, says) = spawn_after("trap '' XFSZ; ulimit -f 300", test, &path, 1);
    let said: Vec<String> = says.lines().map(Result::unwrap).collect();
    assert!(child.wait().unwrap().success(), "{said:?}");
    assert_eq!(said.last().map(String::as_str), Some("refused"));
    let kept = said.len() as u64 - 1;
    assert!(kept > 0);
    assert_whole(open(&path).as_mut(), kept);
    assert_eq!(open(&path).sessions(100, None).unwrap().len() as u64, kept + 1);
}
