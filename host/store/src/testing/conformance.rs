//! The behaviour of every store, checked by [`conformance_suite`].

mod entries;
mod events;
mod histories;
mod sessions;

use codewalk_core::event::Event;
use codewalk_core::ids::SessionId;
use codewalk_core::session::Session;

use crate::Store;
use crate::testing::samples::{next, of_session, session, starting};
pub use entries::*;
pub use events::*;
pub use histories::*;
pub use sessions::*;

/// Creates a test for each check. `$open` returns a guard and a store.
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
