//! A store in plain files after a power failure: the last batches are cut, missing or full of zeros.

use std::fs;

use super::*;
use crate::testing::conformance::keep;
use crate::testing::samples::{NASTY, entry, next, of_session, session, started, starting, used};

#[test]
fn a_batch_that_is_cut_anywhere_is_ignored() {
    let (folder, mut store) = open();
    keep(&mut store, &[of_session(session(1), 1, starting(1, "a"))]);
    let new = next(
        &store,
        &[of_session(session(1), 2, started()), of_utterance(), of_session(session(2), 2, starting(1, "b"))],
    );
    let (before, told_before) = (relative(&store.root), told(&store));
    store.append(&new).unwrap();
    let (after, told_after) = (relative(&store.root), told(&store));

    // The changed files in the order in which they are written: the commits last, and the snapshots not yet.
    let content = |files: &[(PathBuf, Vec<u8>)], name: &Path| {
        files.iter().find(|(path, _)| path == name).map(|(_, content)| content.clone()).unwrap_or_default()
    };
    let snapshot = |name: &Path| name.ends_with("session.json");
    let mut grown: Vec<_> =
        after.iter().filter(|file| !before.contains(file) && !snapshot(&file.0)).collect();
    grown.sort_by_key(|(name, _)| name.ends_with("commits"));
    assert_eq!(grown.len(), 4);
    let mut cuts = 0;
    for (index, (name, whole)) in grown.iter().enumerate() {
        for length in content(&before, name).len()..=whole.len() {
            let mut cut = before.clone();
            cut.retain(|(path, _)| !grown[..=index].iter().any(|(grown, _)| grown == path));
            cut.extend(grown[..index].iter().map(|file| (*file).clone()));
            cut.push((name.clone(), whole[..length].to_vec()));
            let root = folder.path().join(format!("cut-{cuts}"));
            restore(&root, &cut);
            let mut store = FileStore::open(&root).unwrap();
            let is_whole = index == 3 && length == whole.len();
            assert_eq!(told(&store), if is_whole { told_after.clone() } else { told_before.clone() });
            // Not for every cut, because a writer syncs.
            if !is_whole && (cuts % 61 == 0 || length + 1 >= whole.len()) {
                store.append(&new).unwrap();
                assert_eq!(relative(&root), after, "it is as if nothing had been");
            }
            fs::remove_dir_all(root).unwrap();
            cuts += 1;
        }
    }
    assert!(cuts > 500);
}

#[test]
fn an_uncommitted_batch_is_ignored_even_after_later_commits() {
    let (_folder, mut store) = open();
    keep(&mut store, &[of_session(session(1), 1, starting(1, "a"))]);
    let commits = fs::read(&store.commits.path).unwrap();
    keep(&mut store, &[of_session(session(1), 2, started()), of_session(session(1), 3, used(1.0))]);
    // The last batch is not committed.
    fs::write(&store.commits.path, commits).unwrap();
    keep(&mut store, &[of_utterance()]);
    assert_eq!(store.read(session(1).into()).unwrap().len(), 1);
    assert_eq!(store.session(session(1)).unwrap().unwrap().version, 1);
    keep(&mut store, &[of_session(session(1), 4, started())]);
    let events = store.events_after(0, 10).unwrap();
    assert_eq!(events.iter().map(|e| (e.seq, e.version)).collect::<Vec<_>>(), [(1, 1), (2, 1), (3, 2)]);
    assert_eq!(store.read(session(1).into()).unwrap(), [events[0].clone(), events[2].clone()]);
}

#[test]
fn a_snapshot_is_never_ahead_of_the_commits() {
    let (_folder, mut store) = open();
    keep(&mut store, &[of_session(session(1), 1, starting(1, "a"))]);
    let (commits, expected) = (fs::read(&store.commits.path).unwrap(), told(&store));
    keep(&mut store, &[of_session(session(1), 2, started())]);
    let whole = fs::read(&store.commits.path).unwrap();
    let path = store.folder(session(1)).join("session.json");
    let ahead = fs::read(&path).unwrap();
    for length in commits.len()..whole.len() {
        fs::write(&store.commits.path, &whole[..length]).unwrap();
        fs::write(&path, &ahead).unwrap();
        assert_eq!(store.session(session(1)).unwrap().as_ref(), expected.1.first());
        assert_eq!(store.unfinished().unwrap(), expected.1);
        assert_eq!(told(&store), expected);
        assert_ne!(fs::read(&path).unwrap(), ahead, "the list rewrote it");
    }

    // Another event gets the number of the lost one.
    fs::write(&path, &ahead).unwrap();
    keep(&mut store, &[of_utterance()]);
    assert_eq!(store.sessions(10, None).unwrap(), expected.1);
    fs::write(&path, &ahead).unwrap();
    keep(&mut store, &[of_session(session(1), 3, started())]);
    assert_eq!(store.session(session(1)).unwrap().unwrap().version, 2);
    assert_eq!(store.read(session(1).into()).unwrap().len(), 2);
    fs::write(&path, &ahead).unwrap();
    assert_eq!(store.session(session(1)).unwrap().unwrap().changed_at, Timestamp(3));
}

#[test]
fn zeros_from_a_power_cut_are_ignored() {
    let (_folder, mut store) = open();
    keep(&mut store, &[of_session(session(1), 1, starting(1, "a"))]);
    let expected = told(&store);
    let tail = |path: &Path, bytes: &[u8]| {
        fs::write(path, [fs::read(path).unwrap(), bytes.to_vec()].concat()).unwrap();
    };
    tail(&store.commits.path, &[0; 300]);
    tail(&store.folder(session(1)).join("events.jsonl"), &[0; 5_000]);
    assert_eq!(told(&store), expected);
    keep(&mut store, &[of_session(session(1), 2, started())]);
    assert_eq!(store.read(session(1).into()).unwrap().len(), 2);

    let expected = told(&store);
    let before = fs::read(&store.commits.path).unwrap();
    let events = [3, 4, 5].map(|at| of_session(session(1), at, used(1.0)));
    keep(&mut store, &events);
    let whole = fs::read(&store.commits.path).unwrap();
    let line = (whole.len() - before.len()) / events.len();
    for hole in 0..events.len() {
        let mut bytes = whole.clone();
        bytes[before.len() + hole * line..][..line].fill(0);
        fs::write(&store.commits.path, bytes).unwrap();
        assert_eq!(told(&store), expected);
    }
    keep(&mut store, &events);
    assert_eq!(fs::read(&store.commits.path).unwrap(), whole);
}

#[test]
fn entries_that_are_cut_anywhere_can_be_stored_again() {
    let (_folder, mut store) = open();
    let first = [entry(1, 0, "a")];
    store.append_entries(session(1), 1, RawFile::Stdout, &first, 10).unwrap();
    let path = store.folder(session(1)).join("entries.jsonl");
    let before = fs::read(&path).unwrap();
    let more = [entry(1, 10, NASTY), entry(1, 20, "c")];
    store.append_entries(session(1), 1, RawFile::Stdout, &more, 30).unwrap();
    let after = fs::read(&path).unwrap();
    let zeros = |length: usize| [&after[..length], &[0; 300], b"}\n"].concat();
    let cuts = (before.len()..after.len()).flat_map(|length| [after[..length].to_vec(), zeros(length)]);
    for cut in cuts {
        fs::write(&path, &cut).unwrap();
        let mut store = FileStore::open(&store.root).unwrap();
        assert_eq!(store.entries(session(1), 0, 10).unwrap(), first);
        assert_eq!(store.reader_position(session(1), 1, RawFile::Stdout).unwrap(), 10);
        store.append_entries(session(1), 1, RawFile::Stdout, &more, 30).unwrap();
        assert_eq!(fs::read(&path).unwrap(), after);
    }
}
