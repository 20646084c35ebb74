//! The behaviour of every store, checked for each of them by [`conformance_suite`].

use std::cell::{Cell, RefCell};

use codewalk_core::event::{Event, EventKind, SessionEvent, SummaryEvent};
use codewalk_core::ids::{SessionId, StreamId, UtteranceId};
use codewalk_core::session::{Outcome, Session, SessionBrief, SessionState};
use codewalk_core::state::lifecycle::IllegalTransition;
use codewalk_core::state::{history, lifecycle};
use codewalk_core::terminal_text::shortened;
use codewalk_core::time::Timestamp;
use proptest::collection::vec;
use proptest::prelude::any;
use proptest::test_runner::{Config, TestRunner};

use crate::testing::samples::{
    NASTY, asked, decided, delivery, ended, entry, id, made, never_ran, next, not_searched, of_session,
    out_of_order, person, session, started, starting, story, summary_made, undelivered, used, withdrawn,
};
use crate::{MAX_CANDIDATES, RawFile, Store, StoreError};

/// Creates a test for each check; `$open` returns a guard and a store.
macro_rules! conformance_suite {
    ($open:expr) => {
        $crate::testing::conformance::conformance_suite! { $open =>
            every_kind_of_event_is_read_back_unchanged
            sequence_numbers_increase_without_gaps
            a_version_that_exists_or_leaves_a_gap_is_a_conflict
            a_batch_is_stored_completely_or_not_at_all
            an_illegal_event_is_refused
            a_session_equals_the_fold_of_its_events
            streams_come_newest_first
            events_come_page_by_page
            sessions_come_newest_first_and_page_by_page
            sessions_that_changed_at_the_same_time_are_listed_once
            briefs_match_their_sessions
            unfinished_sessions_are_in_a_state_before_the_end
            a_session_is_found_by_either_end_of_its_identifier
            the_beginning_of_the_shown_end_matches_a_session
            several_matching_sessions_or_none_are_errors
            entries_are_stored_with_the_position_of_their_reader
            entries_that_come_twice_are_stored_once
            each_run_and_raw_file_has_a_separate_position
            entries_of_another_run_or_beyond_the_position_are_refused
            entries_come_page_by_page
            the_newest_entries_fit_the_requested_bytes
            an_empty_store_has_nothing
        }
    };
    ($open:expr => $($check:ident)+) => {
        $(#[test]
        fn $check() {
            let (_guard, mut store) = $open;
            $crate::testing::conformance::$check(&mut store);
        })+
    };
}
pub(crate) use conformance_suite;

/// Appends events to their streams.
pub fn keep(store: &mut dyn Store, events: &[Event]) {
    let events = next(store, events);
    store.append(&events).expect("the events can be kept");
}

/// Starts a session.
fn begin(store: &mut dyn Store, id: SessionId, at: u64) {
    keep(store, &[of_session(id, at, starting(1, "do it"))]);
}

fn ids(sessions: &[Session]) -> Vec<SessionId> {
    sessions.iter().map(|s| s.id).collect()
}

pub fn every_kind_of_event_is_read_back_unchanged(store: &mut dyn Store) {
    let mut kept = Vec::new();
    for event in story() {
        let one = next(store, std::slice::from_ref(&event));
        let recorded = store.append(&one).expect("the event can be kept");
        assert_eq!(recorded.len(), 1);
        assert_eq!(recorded[0].stream, event.stream());
        assert_eq!(recorded[0].version, one[0].version);
        assert_eq!(recorded[0].event, event);
        kept.extend(recorded);
    }
    assert_eq!(store.events_after(0, 1_000).unwrap(), kept);
    for stream in [StreamId::from(UtteranceId(id(900))), session(1).into()] {
        let (of_stream, _): (Vec<_>, Vec<_>) = kept.iter().cloned().partition(|e| e.stream == stream);
        assert_eq!(store.read(stream).unwrap(), of_stream);
        assert!(of_stream.len() > 8);
    }
}

pub fn sequence_numbers_increase_without_gaps(store: &mut dyn Store) {
    begin(store, session(1), 1);
    let stale = next(store, &[of_session(session(2), 1, starting(1, ""))]);
    store.append(&stale).unwrap();
    store.append(&stale).expect_err("a conflict takes no number");
    keep(store, &[of_session(session(1), 2, started()), of_session(session(2), 2, started())]);
    let seqs: Vec<u64> = store.events_after(0, 10).unwrap().iter().map(|e| e.seq).collect();
    assert_eq!(seqs, [1, 2, 3, 4]);
}

pub fn a_version_that_exists_or_leaves_a_gap_is_a_conflict(store: &mut dyn Store) {
    begin(store, session(1), 1);
    for wrong in [0, 1, 3, u64::MAX] {
        let mut events = next(store, &[of_session(session(1), 2, started())]);
        events[0].version = wrong;
        match store.append(&events) {
            Err(StoreError::Conflict { stream, version, last }) => {
                assert_eq!((stream, version, last), (session(1).into(), wrong, 1));
            }
            other => panic!("version {wrong}: {other:?}"),
        }
    }
    assert_eq!(store.events_after(0, 10).unwrap().len(), 1);
}

pub fn a_batch_is_stored_completely_or_not_at_all(store: &mut dyn Store) {
    begin(store, session(1), 1);
    let before = (store.events_after(0, 10).unwrap(), store.sessions(10, None).unwrap());
    let good = [of_session(session(1), 2, started()), of_session(session(2), 2, starting(1, ""))];

    let mut conflicting = next(store, &good);
    conflicting.push(conflicting[0].clone());
    assert!(matches!(store.append(&conflicting), Err(StoreError::Conflict { .. })));
    let mut illegal = good.to_vec();
    illegal.push(of_session(session(2), 2, decided("r1")));
    let illegal = next(store, &illegal);
    assert!(matches!(store.append(&illegal), Err(StoreError::Illegal { .. })));
    let after = (store.events_after(0, 10).unwrap(), store.sessions(10, None).unwrap());
    assert_eq!(after, before);

    keep(store, &good);
    assert_eq!(store.events_after(0, 10).unwrap().len(), 3);
    assert_eq!(ids(&store.sessions(10, None).unwrap()), [session(2), session(1)]);
}

pub fn an_illegal_event_is_refused(store: &mut dyn Store) {
    let refused = |store: &mut dyn Store, event: Event, expected: IllegalTransition| {
        let events = next(store, &[event]);
        match store.append(&events) {
            Err(StoreError::Illegal { session: id, source, .. }) => {
                assert_eq!((id, source), (session(1), expected))
            }
            other => panic!("{other:?}"),
        }
    };
    let nobody = |event| IllegalTransition { state: None, event };
    refused(store, of_session(session(1), 1, started()), nobody("agent started"));
    let summary = Event {
        at: Timestamp(1),
        kind: EventKind::Summary { session: session(1), event: summary_made("all is well") },
    };
    refused(store, summary, nobody("session summarized"));
    begin(store, session(1), 1);
    let again = IllegalTransition { state: Some(SessionState::Starting), event: "run starting" };
    refused(store, of_session(session(1), 2, starting(2, "")), again);
}

/// A random step: the session, the event, the text and the cost.
type Choice = (u8, u8, String, f64);

/// Returns events for a session, legal or not.
fn imaginable(session: Option<&Session>, text: &str, cost: f64) -> Vec<SessionEvent> {
    let run = session.and_then(Session::run).map_or(0, |run| run.number);
    let mut all = vec![
        starting(run + 1, text),
        started(),
        SessionEvent::ConversationIdentified { conversation: text.to_owned() },
        SessionEvent::PromptSent { prompt: text.to_owned(), by: person(), call: None },
        SessionEvent::PromptSent { prompt: text.to_owned(), by: person(), call: Some(delivery(1)) },
        SessionEvent::InterruptRequested { by: person(), call: Some(delivery(2)) },
        SessionEvent::Delivered { call: delivery(1) },
        SessionEvent::DeliveryFailed { call: delivery(2), error: out_of_order() },
        used(cost),
        made(text),
        SessionEvent::FilesChangedConcurrently { files: 7 },
        not_searched(text),
        undelivered(text),
        SessionEvent::AgentContinued,
        SessionEvent::TurnEnded { failure: Some(text.to_owned()) },
        SessionEvent::InterruptRequested { by: person(), call: None },
        SessionEvent::StopRequested { by: person(), call: None },
        never_ran(),
        ended(Outcome::Completed),
        ended(Outcome::Failed { reason: text.to_owned() }),
    ];
    for request in ["r1", "r2"] {
        all.extend([asked(request), decided(request), withdrawn(request)]);
    }
    all
}

/// Applies random events to two sessions in batches, tries an illegal event at each step, and compares the
/// sessions with the fold of their events.
fn live(store: &mut dyn Store, first_id: u64, choices: &[Choice], batch: usize) {
    let mut expected: [Option<Session>; 2] = [None, None];
    let mut staged = Vec::new();
    for (at, (who, what, text, cost)) in (1..).zip(choices) {
        let who = usize::from(who % 2);
        let (id, session) = (session(first_id + who as u64), &mut expected[who]);
        let (can, cannot): (Vec<_>, Vec<_>) = imaginable(session.as_ref(), text, *cost)
            .into_iter()
            .partition(|event| lifecycle::next(session.as_ref(), event).is_ok());
        let what = usize::from(*what);
        if let Some(impossible) = cannot.get(what % cannot.len().max(1)) {
            staged.push(of_session(id, at, impossible.clone()));
            let refused = store.append(&next(store, &staged));
            assert!(matches!(refused, Err(StoreError::Illegal { .. })), "{refused:?}");
            staged.pop();
        }

        // The last choice is a summary.
        let event = match (can.get(what % (can.len() + 1)), session.as_mut()) {
            (Some(event), session) => {
                let begun = history::apply(session, id, Timestamp(at), event).unwrap();
                if let Some(begun) = begun {
                    expected[who] = Some(begun);
                }
                of_session(id, at, event.clone())
            }
            (None, Some(session)) => {
                let event = summary_made(text);
                history::apply_summary(session, Timestamp(at), &event);
                summary(id, at, event)
            }
            (None, None) => continue,
        };
        staged.push(event);
        if staged.len() >= batch {
            keep(store, &staged);
            staged.clear();
        }
    }
    keep(store, &staged);
    for (n, expected) in (first_id..).zip(expected) {
        assert_eq!(store.session(session(n)).unwrap(), expected);
    }
}

fn summary(session: SessionId, at: u64, event: SummaryEvent) -> Event {
    Event { at: Timestamp(at), kind: EventKind::Summary { session, event } }
}

pub fn a_session_equals_the_fold_of_its_events(store: &mut dyn Store) {
    let choice = (any::<u8>(), any::<u8>(), ".{0,12}", 0.0..1e6_f64);
    let life = (vec(choice, 1..40), 1..8_usize);
    let store = RefCell::new(store);
    let first_id = Cell::new(1);
    let config = Config { cases: 32, source_file: Some(file!()), ..Config::default() };
    TestRunner::new(config)
        .run(&life, |(choices, batch)| {
            // Shrinking runs the same choices again, with new identifiers.
            let first = first_id.replace(first_id.get() + 2);
            live(&mut **store.borrow_mut(), first, &choices, batch);
            Ok(())
        })
        .unwrap();
}

pub fn streams_come_newest_first(store: &mut dyn Store) {
    for n in 1..=3 {
        begin(store, session(n), n);
    }
    keep(store, &[of_session(session(1), 9, started())]);
    keep(store, &story()[..2]);
    let streams = [id(900), id(1), id(3), id(2)].map(StreamId);
    assert_eq!(store.recent(10).unwrap(), streams);
    assert_eq!(store.recent(2).unwrap(), streams[..2]);
    assert_eq!(store.recent(0).unwrap(), []);
}

pub fn events_come_page_by_page(store: &mut dyn Store) {
    keep(store, &story());
    let all = store.events_after(0, u32::MAX).unwrap();
    assert_eq!(all.len(), story().len());
    assert_eq!(store.events_after(0, 2).unwrap(), all[..2]);
    assert_eq!(store.events_after(all[1].seq, 3).unwrap(), all[2..5]);
    assert_eq!(store.events_after(u64::MAX, 10).unwrap(), []);
}

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
    // These are neither the beginning of the shown end nor of the identifier.
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

pub fn an_empty_store_has_nothing(store: &mut dyn Store) {
    assert_eq!(store.append(&[]).unwrap(), []);
    assert_eq!(store.read(session(1).into()).unwrap(), []);
    assert_eq!(store.recent(10).unwrap(), []);
    assert_eq!(store.events_after(0, 10).unwrap(), []);
    assert_eq!(store.sessions(10, None).unwrap(), []);
    assert_eq!(store.briefs(10).unwrap(), []);
    assert_eq!(store.session(session(1)).unwrap(), None);
    assert_eq!(store.unfinished().unwrap(), []);
    assert_eq!(store.entries_newest(session(1), 1_000).unwrap(), []);
}
