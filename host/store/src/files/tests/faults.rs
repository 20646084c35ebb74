//! A store in plain files without permission or room to write.

use std::fs;
use std::os::unix::fs::symlink;

use super::*;
use crate::testing::conformance::keep;
use crate::testing::media::{files, set_mode, trouble, unprivileged};
use crate::testing::samples::{entry, next, of_session, session, started, starting, story};

#[test]
fn a_full_disk_is_reported_and_leaves_no_partial_batch() {
    let full = |make: &dyn Fn(&FileStore) -> PathBuf| {
        let (_folder, mut store) = open();
        keep(&mut store, &[of_session(session(1), 1, starting(1, "do it"))]);
        let expected = told(&store);
        let path = make(&store);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let device = path.with_extension("full");
        // This device is always full.
        symlink("/dev/full", &device).unwrap();
        fs::rename(device, &path).unwrap();
        let events = [
            of_session(session(1), 2, started()),
            of_session(session(2), 2, starting(1, "b")),
            of_utterance(),
        ];
        let events = next(&store, &events);
        let said = store.append(&events);
        assert!(trouble(said).contains("disk is full"));
        fs::remove_file(&path).unwrap();
        assert_eq!(told(&store), expected);
        store.append(&events).unwrap();
        assert_eq!(store.events_after(0, 10).unwrap().len(), 4);
    };
    full(&|store| store.folder(session(2)).join("events.jsonl"));
    full(&|store| store.root.join("utterances").join(format!("{}.jsonl", utterance())));
}

#[test]
fn a_failed_commit_undoes_the_written_events() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("store");
    FileStore::open(&root).unwrap();
    fs::remove_file(root.join("commits")).unwrap();
    symlink("/dev/full", root.join("commits")).unwrap();
    let mut store = FileStore::open(&root).unwrap();
    let events = next(&store, &story());
    assert!(trouble(store.append(&events)).contains("disk is full"));
    let left: Vec<_> =
        files(&root.join("sessions")).into_iter().chain(files(&root.join("utterances"))).collect();
    assert!(left.len() == 2 && left.iter().all(|(_, content)| content.is_empty()), "{left:?}");
    fs::remove_file(root.join("commits")).unwrap();
    fs::write(root.join("commits"), "").unwrap();
    FileStore::open(&root).unwrap().append(&events).unwrap();
}

#[test]
fn entries_that_do_not_fit_do_not_move_the_position() {
    let (_folder, mut store) = open();
    fs::create_dir(store.folder(session(1))).unwrap();
    let path = store.folder(session(1)).join("entries.jsonl");
    store.append_entries(session(1), 1, RawFile::Stdout, &[], 0).unwrap();
    fs::remove_file(&path).unwrap();
    let entries = [entry(1, 0, &"x".repeat(99_999))];
    fs::create_dir(&path).unwrap();
    let said = store.append_entries(session(1), 1, RawFile::Stdout, &entries, 9);
    assert!(trouble(said).contains("the operation failed"));
    fs::remove_dir(&path).unwrap();
    assert_eq!(store.reader_position(session(1), 1, RawFile::Stdout).unwrap(), 0);
    store.append_entries(session(1), 1, RawFile::Stdout, &entries, 9).unwrap();
    assert_eq!(store.entry_count(session(1)).unwrap(), 1);
}

#[test]
#[cfg(target_os = "linux")]
fn a_missing_permission_is_reported() {
    let (folder, mut store) = open();
    keep(&mut store, &[of_session(session(1), 1, starting(1, "a"))]);
    let root = store.root.clone();
    let expected = told(&store);
    drop(store);

    let new = folder.path().join("new");
    set_mode(folder.path(), 0o500);
    assert!(unprivileged(|| trouble(FileStore::open(&new))).contains("permission denied"));
    set_mode(folder.path(), 0o700);

    let write = || {
        let mut store = FileStore::open(&root)?;
        let events = next(
            &store,
            &[
                of_session(session(1), 2, started()),
                of_session(session(2), 2, starting(1, "b")),
                of_utterance(),
            ],
        );
        store.append(&events)
    };
    let nowhere = |folders: &[&str]| {
        folders.iter().for_each(|name| set_mode(&root.join(name), 0o500));
        let said = unprivileged(|| trouble(write()));
        folders.iter().for_each(|name| set_mode(&root.join(name), 0o700));
        assert!(said.contains("permission denied"), "{said}");
        assert_eq!(told(&FileStore::open(&root).unwrap()), expected);
    };
    nowhere(&["sessions"]);
    nowhere(&["utterances"]);
    let events = format!("sessions/{}/events.jsonl", session(1));
    for name in ["commits", &events, "lock"] {
        set_mode(&root.join(name), 0o400);
        assert!(unprivileged(|| trouble(write())).contains("permission denied"), "{name}");
        set_mode(&root.join(name), 0o600);
        assert_eq!(told(&FileStore::open(&root).unwrap()), expected);
    }
    write().unwrap();
}
