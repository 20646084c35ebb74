//! Lists of sessions, and lookup of sessions by a part of their identifiers.

use codewalk_core::session::{Outcome, SessionBrief};
use codewalk_core::terminal_text::shortened;
use codewalk_core::time::Timestamp;

use super::{begin, ids, keep};
use crate::testing::samples::{
    NASTY, asked, ended, never_ran, of_session, person, session, started, starting,
};
use crate::{MAX_CANDIDATES, Store, StoreError};

pub fn sessions_come_newest_first_and_page_by_page(store: &mut dyn Store) {
    for (n, at) in [(1, 10), (2, 30), (3, 20), (4, 40)] {
        begin(store, session(n), at);
    }
    keep(store, &[of_session(session(1), 35, started())]);
    let newest_first = [4, 1, 2, 3].map(session);
    assert_eq!(ids(&store.sessions(10, None).unwrap()), newest_first);
    assert_eq!(ids(&store.sessions(2, None).unwrap()), newest_first[..2]);
    let rest = store.sessions(10, Some((Timestamp(35), session(1)))).unwrap();
    assert_eq!(ids(&rest), newest_first[2..]);
    assert_eq!(store.sessions(0, None).unwrap(), []);
}

pub fn sessions_that_changed_at_the_same_time_are_listed_once(store: &mut dyn Store) {
    for n in 1..=5 {
        begin(store, session(n), 7);
    }
    let mut listed = Vec::new();
    let mut before = None;
    while let Some(last) = store.sessions(2, before).unwrap().last() {
        listed.extend(ids(&store.sessions(2, before).unwrap()));
        before = Some((last.changed_at, last.id));
    }
    assert_eq!(listed, [5, 4, 3, 2, 1].map(session));
}

pub fn briefs_match_their_sessions(store: &mut dyn Store) {
    for (n, text) in (1..).zip(["do it", NASTY, "", &NASTY.repeat(50), &"夜".repeat(999)]) {
        keep(store, &[of_session(session(n), n, starting(1, text))]);
    }
    keep(store, &[of_session(session(2), 9, started())]);
    let sessions = store.sessions(10, None).unwrap();
    let briefs = store.briefs(10).unwrap();
    for (brief, session) in briefs.iter().zip(&sessions) {
        let SessionBrief { utterance, .. } = session.brief();
        assert!(utterance.starts_with(&brief.utterance));
        assert_eq!(shortened(&brief.utterance, 60), shortened(&utterance, 60));
        assert_eq!(SessionBrief { utterance, ..brief.clone() }, session.brief());
    }
    assert_eq!(briefs.len(), 5);
    assert_eq!(store.briefs(2).unwrap(), briefs[..2]);
}

pub fn unfinished_sessions_are_in_a_state_before_the_end(store: &mut dyn Store) {
    let failed = || Outcome::Failed { reason: "it did not work".to_owned() };
    let cancelled = || Outcome::Cancelled { by: person() };
    let lives = [
        vec![],
        vec![started()],
        vec![started(), asked("r1")],
        vec![started(), ended(Outcome::Completed)],
        vec![started(), ended(failed())],
        vec![started(), ended(cancelled())],
        vec![never_ran()],
        vec![never_ran(), starting(2, "again")],
    ];
    for (n, life) in (1..).zip(lives) {
        begin(store, session(n), n);
        let life: Vec<_> = life.into_iter().map(|e| of_session(session(n), n, e)).collect();
        keep(store, &life);
    }
    let mut states: Vec<_> = store.sessions(10, None).unwrap().iter().map(|s| s.state).collect();
    let unfinished = store.unfinished().unwrap();
    assert_eq!(ids(&unfinished), [8, 3, 2, 1].map(session));
    assert!(unfinished.iter().all(|s| !s.state.has_ended()));
    states.sort();
    states.dedup();
    assert_eq!(states.len(), 7, "every state was tried");
}

pub fn a_session_is_found_by_either_end_of_its_identifier(store: &mut dyn Store) {
    for n in [0xabc1, 0xabc2, 0x1_0000_0000_0000] {
        begin(store, session(n), 1);
    }
    let found = |text: &str| store.find(text).unwrap();
    assert_eq!(found("c1"), session(0xabc1));
    assert_eq!(found(" ABC2\n"), session(0xabc2));
    assert_eq!(found(&session(0xabc1).to_string()), session(0xabc1));
    assert_eq!(found("0197f5a2-0000-7000-8001"), session(0x1_0000_0000_0000));
}

pub fn the_beginning_of_the_shown_end_matches_a_session(store: &mut dyn Store) {
    let (one, other) = (session(0x3f12_abcd), session(0x3f99_abce));
    begin(store, one, 1);
    begin(store, other, 1);
    for (text, meant) in [("3f1", one), ("3F12abc", one), ("3f12abcd", one), ("3f9", other)] {
        assert_eq!(store.find(text).unwrap(), meant, "{text}");
    }
    match store.find("3f") {
        Err(StoreError::Ambiguous { candidates, .. }) => assert_eq!(candidates, [other, one]),
        found => panic!("{found:?}"),
    }
    // These begin neither the shown end nor the whole identifier.
    assert!(matches!(store.find("f12"), Err(StoreError::NoSession { .. })));
    assert!(matches!(store.find("003f1"), Err(StoreError::NoSession { .. })));
}

pub fn several_matching_sessions_or_none_are_errors(store: &mut dyn Store) {
    assert!(matches!(store.find(""), Err(StoreError::NoSession { .. })));
    begin(store, session(1), 1);
    for text in ["", " ", "2", "%", "_", "*", "1%", "197f5a2", NASTY, &"1".repeat(100_000)] {
        match store.find(text) {
            Err(StoreError::NoSession { text }) => assert!(text.chars().count() <= 64),
            other => panic!("{text:?}: {other:?}"),
        }
    }
    for n in 2..=20 {
        begin(store, session(n), 1);
    }
    match store.find("0197") {
        Err(StoreError::Ambiguous { text, candidates }) => {
            let newest: Vec<_> = (1..=20).rev().take(MAX_CANDIDATES).map(session).collect();
            assert_eq!((text.as_str(), candidates), ("0197", newest));
        }
        other => panic!("{other:?}"),
    }
    // The same digits begin one identifier and end another.
    begin(store, session(0x0197), 1);
    assert!(matches!(store.find("0197"), Err(StoreError::Ambiguous { .. })));
}
