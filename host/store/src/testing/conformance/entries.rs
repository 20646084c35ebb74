//! Entries and the positions of their readers.

use crate::testing::samples::{NASTY, entry, session};
use crate::{RawFile, Store, StoreError};

pub fn entries_are_stored_with_the_position_of_their_reader(store: &mut dyn Store) {
    let s = session(1);
    let long = NASTY.repeat(99);
    let all = [entry(1, 0, NASTY), entry(1, 0, "same line"), entry(1, 50, &long), entry(1, 70, "c")];
    store.append_entries(s, 1, RawFile::Stdout, &all[..3], 60).unwrap();
    assert_eq!(store.reader_position(s, 1, RawFile::Stdout).unwrap(), 60);
    store.append_entries(s, 1, RawFile::Stdout, &all[3..], 80).unwrap();
    // Lines without an entry move only the position.
    store.append_entries(s, 1, RawFile::Stdout, &[], 95).unwrap();
    assert_eq!(store.reader_position(s, 1, RawFile::Stdout).unwrap(), 95);
    assert_eq!(store.entries(s, 0, 10).unwrap(), all);
    assert_eq!(store.entry_count(s).unwrap(), 4);
    assert_eq!(store.entry_count(session(2)).unwrap(), 0);
}

pub fn entries_that_come_twice_are_stored_once(store: &mut dyn Store) {
    let s = session(1);
    let all = [entry(1, 0, "a"), entry(1, 10, "b"), entry(1, 20, "c")];
    let mut append = |entries, next| store.append_entries(s, 1, RawFile::Stdout, entries, next).unwrap();
    append(&all[..2], 20);
    append(&all[..2], 20);
    append(&all[..1], 10);
    append(&all, 30);
    append(&[], 5);
    assert_eq!(store.entries(s, 0, 10).unwrap(), all);
    assert_eq!(store.reader_position(s, 1, RawFile::Stdout).unwrap(), 30);
}

pub fn each_run_and_raw_file_has_a_separate_position(store: &mut dyn Store) {
    let (one, two) = (session(1), session(2));
    let readers = [
        (one, 1, RawFile::Stdout, 10),
        (one, 1, RawFile::Stderr, 20),
        (one, 2, RawFile::Stdout, 30),
        (two, 1, RawFile::Stdout, 40),
    ];
    for (session, run, file, next) in readers {
        assert_eq!(store.reader_position(session, run, file).unwrap(), 0);
        let entries = [entry(run, 0, "a")];
        store.append_entries(session, run, file, &entries, next).unwrap();
    }
    for (session, run, file, next) in readers {
        assert_eq!(store.reader_position(session, run, file).unwrap(), next);
    }
    assert_eq!(store.entry_count(one).unwrap(), 3);
    assert_eq!(store.entry_count(two).unwrap(), 1);
}

pub fn entries_of_another_run_or_beyond_the_position_are_refused(store: &mut dyn Store) {
    let s = session(1);
    for wrong in [entry(2, 0, "of another run"), entry(1, 50, "beyond")] {
        let entries = [entry(1, 0, "a"), wrong];
        let refused = store.append_entries(s, 1, RawFile::Stdout, &entries, 50);
        assert!(matches!(refused, Err(StoreError::Misplaced { .. })), "{refused:?}");
    }
    assert_eq!(store.entry_count(s).unwrap(), 0);
    assert_eq!(store.reader_position(s, 1, RawFile::Stdout).unwrap(), 0);
}

pub fn entries_come_page_by_page(store: &mut dyn Store) {
    let s = session(1);
    let all: Vec<_> = (0..10).map(|n| entry(1, n * 10, &n.to_string())).collect();
    store.append_entries(s, 1, RawFile::Stdout, &all, 100).unwrap();
    store.append_entries(session(2), 1, RawFile::Stdout, &all[..1], 100).unwrap();
    assert_eq!(store.entries(s, 0, 3).unwrap(), all[..3]);
    assert_eq!(store.entries(s, 3, 3).unwrap(), all[3..6]);
    assert_eq!(store.entries(s, 8, 30).unwrap(), all[8..]);
    assert_eq!(store.entries(s, 10, 3).unwrap(), []);
    assert_eq!(store.entries(s, u64::MAX, 3).unwrap(), []);
    assert_eq!(store.entries(s, 0, 0).unwrap(), []);
}

pub fn the_newest_entries_fit_the_requested_bytes(store: &mut dyn Store) {
    let s = session(1);
    let all: Vec<_> = (0..5).map(|n| entry(1, n * 10, "five!")).collect();
    store.append_entries(s, 1, RawFile::Stdout, &all, 50).unwrap();
    let size = serde_json::to_string(&all[0].kind).unwrap().len();
    let newest_first: Vec<_> = all.iter().rev().cloned().collect();
    for (max_bytes, expected) in [(0, 0), (size - 1, 0), (size, 1), (3 * size, 3), (4 * size - 1, 3)] {
        assert_eq!(store.entries_newest(s, max_bytes).unwrap(), newest_first[..expected]);
    }
    assert_eq!(store.entries_newest(s, usize::MAX).unwrap(), newest_first);
}
