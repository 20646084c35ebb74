//! The event log: its order, its versions, and batches that are stored completely or not at all.

use codewalk_core::event::{Event, EventKind};
use codewalk_core::ids::{StreamId, UtteranceId};
use codewalk_core::session::SessionState;
use codewalk_core::state::lifecycle::IllegalTransition;
use codewalk_core::time::Timestamp;

use super::{begin, ids, keep};
use crate::testing::samples::{
    decided, id, next, of_session, session, started, starting, story, summary_made,
};
use crate::{Store, StoreError};

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
