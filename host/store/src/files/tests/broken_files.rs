//! A store in plain files, some of which another program changed or removed.

use std::fs;

use proptest::prelude::*;

use super::*;
use crate::testing::conformance::keep;
use crate::testing::invariants;
use crate::testing::samples::{entry, made, next, of_session, session, started, starting, used};

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
        // the loss.
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
    assert!(store.problems().unwrap().is_empty(), "it was moved away, as the error suggests");
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
    // If only the last batch is missing, it may never have been committed.
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
