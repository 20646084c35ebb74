//! A store in plain files with cut or broken files, and without permission or room to write.

use std::fs;
use std::os::unix::fs::symlink;

use codewalk_core::event::Event;
use proptest::prelude::*;

use super::*;
use crate::testing::conformance::keep;
use crate::testing::invariants;
use crate::testing::media::{files, set_mode, trouble, unprivileged};
use crate::testing::samples::{
    NASTY, entry, made, next, of_session, session, started, starting, story, used,
};

fn of_utterance() -> Event {
    story().swap_remove(2)
}

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

    // The changed files in the order they are written: the commits last, the snapshots not yet.
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
        assert_ne!(fs::read(&path).unwrap(), ahead, "the list wrote it anew");
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

/// Stores eight events of a session and one of an utterance, each in a separate batch, and returns the file
/// of the session.
fn eight_events(store: &mut FileStore) -> PathBuf {
    keep(store, &[of_session(session(1), 1, starting(1, "a"))]);
    keep(store, &[of_session(session(1), 2, started())]);
    keep(store, &[of_utterance()]);
    for n in 3..=8 {
        keep(store, &[of_session(session(1), n, used(n as f64))]);
    }
    store.folder(session(1)).join("events.jsonl")
}

#[test]
fn a_broken_line_in_the_middle_is_reported_and_never_skipped() {
    let (_folder, mut store) = open();
    let path = eight_events(&mut store);
    let sound = fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = sound.split_inclusive('\n').collect();
    let snapshot = store.folder(session(1)).join("session.json");
    let unknown = lines[3].replace("\"used\"", "\"sung\"");
    for (wrong, line) in [
        ([&lines[..3], &["garbage\n"], &lines[4..]].concat(), 4),
        ([&lines[..3], &["\n"], &lines[4..]].concat(), 4),
        ([&lines[..3], &[&"\0".repeat(lines[3].len())], &lines[4..]].concat(), 4),
        ([&lines[..3], &lines[4..]].concat(), 4),
        ([&lines[..3], &[lines[4], lines[3]], &lines[5..]].concat(), 4),
        ([&lines[..3], &[unknown.as_str()], &lines[4..]].concat(), 4),
        (lines[..7].to_vec(), 8),
        ([&lines[..7], &[&lines[7][..9]]].concat(), 8),
        (vec![&sound[1..]], 1),
        (vec![""], 8),
    ] {
        let wrong = wrong.concat();
        fs::write(&path, &wrong).unwrap();
        let _ = fs::remove_file(&snapshot);
        // If the file lost complete lines at its end, and the snapshot is missing too, only the commits show
        // it.
        let said = match store.read(session(1).into()) {
            Ok(events) => {
                assert_eq!((events.len(), line), (7, 8));
                corrupt(store.events_after(0, 100))
            }
            said => {
                let found = corrupt(said);
                assert_eq!(corrupt(store.session(session(1))), found);
                assert_eq!(store.sessions(10, None).unwrap(), []);
                assert_eq!(corrupt(Err::<(), _>(store.problems().unwrap().remove(0))), found);
                found
            }
        };
        assert_eq!(said, (path.clone(), format!("line {line}")), "{wrong}");
        assert_eq!(fs::read_to_string(&path).unwrap(), wrong, "nothing was changed");
    }
    fs::remove_file(&path).unwrap();
    let gone = (path.clone(), "line 8".to_owned());
    assert_eq!(corrupt(store.read(session(1).into())), gone);
    let event = NewEvent { version: 9, event: of_session(session(1), 9, started()) };
    assert_eq!(corrupt(store.append(&[event])), gone);
    fs::write(&path, sound).unwrap();
    assert_eq!(store.read(session(1).into()).unwrap().len(), 8);
}

#[test]
fn events_lost_after_a_snapshot_are_reported() {
    let (_folder, mut store) = open();
    let path = eight_events(&mut store);
    let sound = fs::read_to_string(&path).unwrap();
    let short = &sound[..sound[..sound.len() - 1].rfind('\n').unwrap() + 1];
    fs::write(&path, short).unwrap();
    let expected = (path.clone(), "the end of the file".to_owned());
    assert_eq!(corrupt(store.session(session(1))), expected);
    assert_eq!(corrupt(store.append(&next(&store, &[of_session(session(1), 9, started())]))), expected);
    assert_eq!(fs::read_to_string(&path).unwrap(), short);
}

#[test]
fn an_unreadable_session_is_reported_and_does_not_affect_others() {
    let (_folder, mut store) = open();
    let broken = eight_events(&mut store);
    keep(&mut store, &[of_session(session(2), 20, starting(1, "b")), of_session(session(2), 21, started())]);
    let snapshot = broken.with_file_name("session.json");
    let (events, fold) = (fs::read_to_string(&broken).unwrap(), fs::read(&snapshot).unwrap());
    let ids = |sessions: Vec<Session>| sessions.iter().map(|session| session.id).collect::<Vec<_>>();
    let spoil: [&dyn Fn(); 3] = [
        &|| {
            fs::write(&broken, events.replacen("\"used\"", "\"sung\"", 1)).unwrap();
            fs::remove_file(&snapshot).unwrap();
        },
        &|| fs::remove_file(&broken).unwrap(),
        &|| {
            fs::remove_file(&broken).unwrap();
            fs::remove_file(&snapshot).unwrap();
        },
    ];
    for (case, spoil) in spoil.into_iter().enumerate() {
        spoil();
        assert_eq!(ids(store.sessions(10, None).unwrap()), [session(2)], "{case}");
        assert_eq!(ids(store.unfinished().unwrap()), [session(2)], "{case}");
        assert_eq!(store.find(&session(1).to_string()).unwrap(), session(1), "it is there");
        assert_eq!(store.find(&session(2).to_string()).unwrap(), session(2));
        let [problem] = &store.problems().unwrap()[..] else { panic!("{case}") };
        let folder = format!("{:?}", store.folder(session(1)));
        let said = problem.to_string();
        assert!(said.contains(&format!("{broken:?}")), "{said}");
        assert!(said.contains(&format!("move {folder} away")), "{said}");
        assert_eq!(store.session(session(1)).unwrap_err().to_string(), said);
        let event = NewEvent { version: 9, event: of_session(session(1), 9, started()) };
        corrupt(store.append(&[event]));
        keep(&mut store, &[of_session(session(2), 30 + case as u64, made("a.txt"))]);
        fs::write(&broken, &events).unwrap();
        fs::write(&snapshot, &fold).unwrap();
    }
    spoil[0]();
    fs::rename(store.folder(session(1)), store.root.join("broken")).unwrap();
    assert!(store.problems().unwrap().is_empty(), "it was moved away, as it was told");
    assert_eq!(ids(store.sessions(10, None).unwrap()), [session(2)]);
    assert!(matches!(store.find(&session(1).to_string()), Err(StoreError::NoSession { .. })));
    keep(&mut store, &[of_session(session(3), 40, starting(1, "c"))]);
    assert_eq!(ids(store.unfinished().unwrap()), [session(3), session(2)]);
}

#[test]
fn a_broken_store_is_not_blamed_on_one_session() {
    let (_folder, mut store) = open();
    eight_events(&mut store);
    let commits = store.commits.path.clone();
    let lines = fs::read(&commits).unwrap();
    fs::write(&commits, &lines[..lines.len() / 9 * 4]).unwrap();
    let said = store.sessions(10, None).unwrap_err().to_string();
    assert!(said.contains(&format!("move {:?} away", store.root)), "{said}");
    assert_eq!(corrupt(store.unfinished()).0, commits);
    assert_eq!(corrupt(store.problems()).0, commits);
    assert_eq!(corrupt(store.find("0197")).0, commits);
}

#[test]
fn broken_commits_are_reported_and_cut_no_events() {
    let (_folder, mut store) = open();
    eight_events(&mut store);
    let commits = store.commits.path.clone();
    let sound = fs::read_to_string(&commits).unwrap();
    let lines: Vec<&str> = sound.split_inclusive('\n').collect();
    let other = lines[4].replace(&session(1).to_string(), &session(7).to_string());
    let before = relative(&store.root);
    for (wrong, expected) in [
        ([&lines[..4], &["x".repeat(lines[4].len()).as_str()], &lines[5..]].concat().concat(), "line 5"),
        ([&lines[..8], &["x".repeat(lines[8].len()).as_str()]].concat().concat(), "line 9"),
        ([&lines[..4], &[lines[5]], &lines[5..]].concat().concat(), "line 5"),
        ([&lines[..4], &[&other], &lines[5..]].concat().concat(), "line 4"),
    ] {
        fs::write(&commits, &wrong).unwrap();
        assert_eq!(corrupt(store.events_after(0, 100)).1, expected);
    }
    // If only the last batch is missing, it may be uncommitted.
    for kept in 0..8 {
        fs::write(&commits, lines[..kept].concat()).unwrap();
        let said = corrupt(store.read(session(1).into()));
        assert_eq!(said, (commits.clone(), format!("line {}", kept + 1)));
        let event = NewEvent { version: 9, event: of_session(session(1), 9, started()) };
        assert_eq!(corrupt(store.append(&[event])), said);
    }
    fs::write(&commits, &sound).unwrap();
    assert_eq!(relative(&store.root), before);

    fs::remove_file(&commits).unwrap();
    assert_eq!(corrupt(FileStore::open(&store.root)), (commits, "the file".to_owned()));
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

#[test]
fn broken_entries_are_reported_with_their_file_and_line() {
    let (_folder, mut store) = open();
    for n in 0..3 {
        let entries = [entry(1, n * 10, "a")];
        store.append_entries(session(1), 1, RawFile::Stdout, &entries, n * 10 + 10).unwrap();
    }
    let path = store.folder(session(1)).join("entries.jsonl");
    let sound = fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = sound.split_inclusive('\n').collect();
    for (number, wrong) in [(3, "garbage\n"), (3, "{\"type\":\"song\"}\n"), (4, "{\"read\":{}}\n"), (4, "\n")]
    {
        let broken = [&lines[..number - 1], &[wrong], &lines[number..]].concat().concat();
        fs::write(&path, &broken).unwrap();
        let store = FileStore::open(&store.root).unwrap();
        let expected = (path.clone(), format!("line {number}"));
        assert_eq!(corrupt(store.entries(session(1), 0, 10)), expected, "{wrong}");
        assert_eq!(corrupt(store.entries_newest(session(1), 9_999)), expected, "{wrong}");
        assert_eq!(fs::read_to_string(&path).unwrap(), broken);
    }
}

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

proptest! {
    #[test]
    fn foreign_bytes_are_reported_and_intact_data_is_read(bytes: Vec<u8>) {
        let folder = tempfile::tempdir().unwrap();
        invariants::broken_files(folder.path(), &bytes);
    }

    #[test]
    fn cut_and_overwritten_files_are_reported(mut faults in prop::collection::vec(any::<[u8; 4]>(), 1..4)) {
        faults.insert(0, [2; 4]);
        let folder = tempfile::tempdir().unwrap();
        invariants::broken_files(folder.path(), &faults.concat()[3..]);
    }
}
