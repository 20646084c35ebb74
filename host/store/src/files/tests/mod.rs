//! Behaviour specific to a store in plain files.

mod broken_files;
mod faults;
mod power_cuts;
mod processes;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use codewalk_core::event::Event;
use codewalk_core::ids::UtteranceId;
use tempfile::TempDir;

use super::*;
use crate::testing::conformance::keep;
use crate::testing::media::{files, mode, set_mode, trouble};
use crate::testing::samples::{NASTY, entry, id, next, of_session, session, started, starting, story};

pub(super) fn open() -> (TempDir, FileStore) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let store = FileStore::open(&folder.path().join("store")).expect("a new store");
    (folder, store)
}

crate::testing::conformance::conformance_suite! { open() }

/// Returns the unreadable file, and the part of it, that an error names.
pub(super) fn corrupt<T: std::fmt::Debug>(result: Result<T, StoreError>) -> (PathBuf, String) {
    match result {
        Err(StoreError::Corrupt { path, what, .. }) => (path, what),
        other => panic!("{other:?}"),
    }
}

/// Creates these files in a folder.
pub(super) fn restore(root: &Path, files: &[(PathBuf, Vec<u8>)]) {
    for (path, content) in files {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
}

/// Returns the files of a store by relative path.
pub(super) fn relative(root: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let named = |(path, content): (PathBuf, _)| (path.strip_prefix(root).unwrap().to_owned(), content);
    files(root).into_iter().map(named).collect()
}

/// Returns an event of an utterance.
pub(super) fn of_utterance() -> Event {
    story().swap_remove(2)
}

pub(super) fn utterance() -> StreamId {
    UtteranceId(id(900)).into()
}

/// Returns everything that depends on the events of a store.
pub(super) fn told(
    store: &FileStore,
) -> (Vec<StoredEvent>, Vec<Session>, Vec<StreamId>, Vec<Vec<StoredEvent>>) {
    let streams = [session(1).into(), session(2).into(), utterance()];
    (
        store.events_after(0, 1_000).unwrap(),
        store.sessions(100, None).unwrap(),
        store.recent(100).unwrap(),
        streams.map(|stream| store.read(stream).unwrap()).into(),
    )
}

#[test]
fn a_fifo_in_place_of_a_file_does_not_block() {
    let (folder, mut store) = open();
    keep(&mut store, &story());
    let root = store.root.clone();
    drop(store);
    let files = files(&root);
    let (done, opened) = std::sync::mpsc::channel();
    for (path, content) in &files {
        fs::remove_file(path).unwrap();
        rustix::fs::mkfifoat(rustix::fs::CWD, path, rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR).unwrap();
        let (root, done) = (root.clone(), done.clone());
        std::thread::spawn(move || {
            if let Ok(store) = FileStore::open(&root) {
                let _ = (store.sessions(10, None), store.read(session(1).into()), store.recent(10));
            }
            done.send(()).unwrap();
        });
        let waited = opened.recv_timeout(Duration::from_secs(20));
        assert!(waited.is_ok(), "waits for {}", path.display());
        fs::remove_file(path).unwrap();
        fs::write(path, content).unwrap();
    }
    drop(folder);
}

#[test]
fn data_persists_after_reopening() {
    let (_folder, mut store) = open();
    keep(&mut store, &story());
    let entries = [entry(1, 0, NASTY)];
    store.append_entries(session(1), 1, RawFile::Stdout, &entries, 9).unwrap();
    let again = FileStore::open(&store.root).unwrap();
    assert_eq!(told(&again), told(&store));
    assert_eq!(again.entries(session(1), 0, 10).unwrap(), entries);
    assert_eq!(again.reader_position(session(1), 1, RawFile::Stdout).unwrap(), 9);
}

#[test]
fn a_session_has_a_folder_and_an_utterance_a_file() {
    let (_folder, mut store) = open();
    keep(&mut store, &story());
    store.append_entries(session(1), 1, RawFile::Stdout, &[entry(1, 0, "a")], 9).unwrap();
    let names: Vec<_> = relative(&store.root).into_iter().map(|(name, _)| name).collect();
    let of_session = |name: &str| PathBuf::from(format!("sessions/{}/{name}", session(1)));
    let expected = [
        "commits".into(),
        "lock".into(),
        of_session("entries.jsonl"),
        of_session("events.jsonl"),
        of_session("session.json"),
        "store.json".into(),
        format!("utterances/{}.jsonl", utterance()).into(),
    ];
    assert_eq!(names, expected);
    let lines = fs::read_to_string(store.root.join(of_session("events.jsonl"))).unwrap();
    let first: serde_json::Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    assert_eq!(first["event"]["type"], "starting");
    assert_eq!(first["version"], 1);
}

#[test]
fn a_missing_outdated_or_broken_snapshot_is_recreated() {
    let (_folder, mut store) = open();
    keep(&mut store, &[of_session(session(1), 1, starting(1, "a"))]);
    let path = store.folder(session(1)).join("session.json");
    let old = fs::read(&path).unwrap();
    keep(&mut store, &[of_session(session(1), 2, started())]);
    let (right, expected) = (fs::read(&path).unwrap(), store.sessions(10, None).unwrap());
    for wrong in [Some(old), Some(right[..right.len() / 2].to_vec()), Some(b"{}".to_vec()), None] {
        match &wrong {
            Some(bytes) => fs::write(&path, bytes).unwrap(),
            None => fs::remove_file(&path).unwrap(),
        }
        assert_eq!(store.session(session(1)).unwrap().as_ref(), expected.first());
        assert_eq!(store.sessions(10, None).unwrap(), expected);
        assert_eq!(fs::read(&path).unwrap(), right, "the list rewrote it");
    }
}

#[test]
fn sessions_are_listed_without_reading_an_event() {
    let (_folder, mut store) = open();
    let events: Vec<_> = (1..=30)
        .map(|n| NewEvent { version: 1, event: of_session(session(n), n, starting(1, "do it")) })
        .collect();
    store.append(&events).unwrap();
    for n in 1..=30 {
        let path = store.folder(session(n)).join("events.jsonl");
        let length = fs::read(&path).unwrap().len();
        fs::write(path, "x".repeat(length)).unwrap();
    }
    store.read(session(1).into()).expect_err("no event can be read");
    assert_eq!(store.sessions(u32::MAX, None).unwrap().len(), 30);
    assert_eq!(store.unfinished().unwrap().len(), 30);
    assert_eq!(store.recent(5).unwrap(), [30, 29, 28, 27, 26].map(|n| session(n).into()));
    assert_eq!(store.find("0197f5a2-0000-7000-8000-000000000007").unwrap(), session(7));
}

#[test]
fn foreign_folders_next_to_the_sessions_are_ignored() {
    let (_folder, mut store) = open();
    keep(&mut store, &[of_session(session(0xab), 1, starting(1, "a"))]);
    let sessions = store.root.join("sessions");
    for name in ["notes", "0197f5a2", &session(0xab).to_string().to_uppercase(), "\u{1b}[2J", ".DS_Store"] {
        fs::create_dir(sessions.join(name)).unwrap();
    }
    fs::create_dir(sessions.join(session(7).to_string())).unwrap();
    assert_eq!(store.sessions(10, None).unwrap().len(), 1);
    assert_eq!(store.find("0197").unwrap(), session(0xab));
    keep(&mut store, &[of_session(session(7), 1, starting(1, "a"))]);
    assert_eq!(store.sessions(10, None).unwrap().len(), 2);
}

#[test]
fn other_users_cannot_read_the_store() {
    let home = tempfile::tempdir().unwrap();
    let root = home.path().join("data").join("codewalk");
    let mut store = FileStore::open(&root).unwrap();
    keep(&mut store, &story());
    store.append_entries(session(1), 1, RawFile::Stdout, &[entry(1, 0, "a")], 9).unwrap();
    let folder = store.folder(session(1));
    let (sessions, utterances) = (root.join("sessions"), root.join("utterances"));
    for folder in [&home.path().join("data"), &root, &sessions, &utterances, &folder] {
        assert_eq!(mode(folder), 0o700, "{folder:?}");
    }
    for (path, _) in files(&root) {
        assert_eq!(mode(&path), 0o600, "{path:?}");
        set_mode(&path, 0o644);
    }
    for folder in [&root, &sessions, &utterances] {
        set_mode(folder, 0o755);
    }
    FileStore::open(&root).unwrap();
    for path in ["commits", "lock", "store.json"] {
        assert_eq!(mode(&root.join(path)), 0o600, "{path} was readable for all");
    }
    assert_eq!((mode(&sessions), mode(&utterances)), (0o700, 0o700));
    assert_eq!(mode(&root), 0o755, "a folder that is there is the user's");
}

#[test]
fn a_store_of_a_newer_codewalk_is_refused_and_unchanged() {
    let (_folder, mut store) = open();
    keep(&mut store, &story());
    let mark = store.root.join("store.json");
    for (text, newer) in [("{\"schema\":2,\"more\":[]}", true), ("{\"schema\":0}", false), ("", false)] {
        fs::write(&mark, text).unwrap();
        let before = relative(&store.root);
        match FileStore::open(&store.root) {
            Err(StoreError::NewerSchema { path, found, known }) if newer => {
                assert_eq!((path, found, known), (mark.clone(), 2, 1));
            }
            refused => {
                assert_eq!((corrupt(refused), newer), ((mark.clone(), "the schema".to_owned()), false))
            }
        }
        assert_eq!(relative(&store.root), before);
    }
    fs::remove_file(&mark).unwrap();
    assert_eq!(corrupt(FileStore::open(&store.root)), (mark, "the schema".to_owned()));
}

#[test]
fn a_folder_used_for_something_else_is_rejected_and_unchanged() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("thesis.txt"), "all of it").unwrap();
    let said = FileStore::open(folder.path()).unwrap_err();
    assert!(matches!(said, StoreError::Foreign { .. }), "{said}");
    assert!(said.to_string().contains("thesis.txt"), "{said}");
    assert_eq!(files(folder.path()).len(), 1);

    let file = folder.path().join("thesis.txt");
    let error = FileStore::open(&file).unwrap_err();
    assert!(error.to_string().starts_with("cannot open the store in \""), "{error}");
}

#[test]
fn an_unfinished_new_store_is_completed() {
    let (_folder, store) = open();
    let whole = relative(&store.root);
    assert_eq!(whole.len(), 3);
    for made in 0..whole.len() {
        let (folder, _) = open();
        let root = folder.path().join("half");
        restore(&root, &whole[..made]);
        fs::create_dir_all(&root).unwrap();
        keep(&mut FileStore::open(&root).unwrap(), &story());
    }
}

#[test]
fn a_writer_that_waits_too_long_fails() {
    let (_folder, mut store) = open();
    let other = FileStore::open(&store.root).unwrap();
    store.patience = Duration::from_millis(20);
    let events = next(&store, &story());
    let reading = other.lock(Access::Reads).unwrap();
    store.read(session(1).into()).expect("readers read together");
    assert!(trouble(store.append(&events)).contains("another process"));
    drop(reading);
    store.append(&events).unwrap();
}

#[test]
fn errors_name_the_operation_the_file_and_a_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("a\u{1b}[2Jb");
    let mut store = FileStore::open(&root).unwrap();
    keep(&mut store, &[of_session(session(1), 1, starting(1, "a")), of_session(session(1), 2, started())]);
    let path = store.folder(session(1)).join("events.jsonl");
    let lines = fs::read_to_string(&path).unwrap();
    // The length stays the same, so that the commits match.
    fs::write(&path, lines.replacen("\"subject\":\"session\"", "\"subject\":\"\\u001b[\"", 1)).unwrap();
    let said = store.read(session(1).into()).unwrap_err().to_string();
    assert!(said.contains("a\\u{1b}[2Jb") && said.contains("backup"), "{said}");
    assert!(
        said.contains("line 1") && said.contains("unknown variant") && !said.contains('\u{1b}'),
        "{said}"
    );
}
