//! A user's stored data, read without the program.

use std::collections::BTreeMap;

use codewalk_core::event::StoredEvent;
use codewalk_core::ids::StreamId;
use codewalk_core::state::{State, StateContext};
use codewalk_store::{FileStore, SqliteStore, Store};

use super::User;

/// The two kinds of stores, as they are configured. Paths are in the user's home folder.
pub const STORES: [&str; 2] = ["sqlite:codewalk.db", "files:kept"];

/// Opens the store of a user who has configured one of [`STORES`], or none.
pub fn store(user: &User) -> Box<dyn Store> {
    let config = std::fs::read_to_string(user.home().join("config.toml")).unwrap();
    if config.contains(STORES[1]) {
        return Box::new(FileStore::open(&user.home().join("kept")).unwrap());
    }
    Box::new(SqliteStore::open(&user.home().join("codewalk.db")).unwrap())
}

/// Returns the events, and checks that nothing is half done: they are numbered without a gap, and the
/// sessions are their fold.
pub fn consistent(store: &dyn Store) -> Vec<StoredEvent> {
    let events = store.events_after(0, u32::MAX).unwrap();
    let mut versions: BTreeMap<StreamId, u64> = BTreeMap::new();
    let mut state = State::new(StateContext::default());
    assert!(events.windows(2).all(|pair| pair[0].seq < pair[1].seq));
    for recorded in &events {
        let version = versions.entry(recorded.stream).or_default();
        *version += 1;
        assert_eq!(recorded.version, *version, "{recorded:?}");
        state.apply(&recorded.event).unwrap();
    }
    for session in store.sessions(u32::MAX, None).unwrap() {
        assert_eq!(Some(&session), state.session(session.id));
    }
    events
}
