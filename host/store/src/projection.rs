//! Code shared by all stores: the effect of a batch of events, the check of entries, and the search for
//! sessions.

use std::collections::{BTreeMap, HashMap, btree_map, hash_map};

use codewalk_core::entry::Entry;
use codewalk_core::event::{Event, EventKind, NewEvent, StoredEvent};
use codewalk_core::ids::{SessionId, StreamId};
use codewalk_core::session::Session;
use codewalk_core::state::history;
use codewalk_core::state::lifecycle::IllegalTransition;

use crate::{SHOWN, StoreError};

/// Checks a batch of events before it is stored, and returns the changed sessions.
///
/// `last_version` returns the last version of a stream, `load` a session. Each is called once per stream or
/// session.
pub(crate) fn stage<E: From<StoreError>>(
    events: &[NewEvent],
    mut last_version: impl FnMut(StreamId) -> Result<u64, E>,
    mut load: impl FnMut(SessionId) -> Result<Option<Session>, E>,
) -> Result<Vec<Session>, E> {
    let mut versions = HashMap::new();
    let mut sessions = BTreeMap::new();
    for new in events {
        let stream = new.event.stream();
        let last = match versions.entry(stream) {
            hash_map::Entry::Occupied(known) => known.into_mut(),
            hash_map::Entry::Vacant(unknown) => unknown.insert(last_version(stream)?),
        };
        if last.checked_add(1) != Some(new.version) {
            return Err(E::from(StoreError::Conflict { stream, version: new.version, last: *last }));
        }
        *last = new.version;

        let (EventKind::Session { session: id, .. } | EventKind::Summary { session: id, .. }) =
            new.event.kind
        else {
            continue;
        };
        let session = match sessions.entry(id) {
            btree_map::Entry::Occupied(known) => known.into_mut(),
            btree_map::Entry::Vacant(unknown) => unknown.insert(load(id)?),
        };
        fold(session, &new.event).map_err(|source| StoreError::Illegal {
            session: id,
            version: new.version,
            source,
        })?;
    }
    Ok(sessions.into_values().flatten().collect())
}

/// Folds all events of a session. An error names the version of the illegal event.
pub(crate) fn refold(events: &[StoredEvent]) -> Result<Option<Session>, (u64, IllegalTransition)> {
    let mut session = None;
    for recorded in events {
        fold(&mut session, &recorded.event).map_err(|error| (recorded.version, error))?;
    }
    Ok(session)
}

fn fold(session: &mut Option<Session>, event: &Event) -> Result<(), IllegalTransition> {
    match &event.kind {
        EventKind::Session { session: id, event: change } => {
            if let Some(begun) = history::apply(session.as_mut(), *id, event.at, change)? {
                *session = Some(begun);
            }
        }
        EventKind::Summary { event: change, .. } => {
            let session =
                session.as_mut().ok_or(IllegalTransition { state: None, event: "session summarized" })?;
            history::apply_summary(session, event.at, change);
        }
        EventKind::Utterance { .. } | EventKind::Consent { .. } => {}
    }
    Ok(())
}

/// Checks that entries are within the range that was read. An entry at or after `next_offset` would appear
/// again in the next batch.
pub(crate) fn check_entries(
    session: SessionId,
    run: u32,
    entries: &[Entry],
    next_offset: u64,
) -> Result<(), StoreError> {
    match entries.iter().find(|entry| entry.run != run || entry.offset >= next_offset) {
        None => Ok(()),
        Some(entry) => Err(StoreError::Misplaced {
            session,
            run,
            next_offset,
            entry_run: entry.run,
            offset: entry.offset,
        }),
    }
}

/// Normalizes a part of an identifier that a user typed.
pub(crate) fn normalized(text: &str) -> String {
    text.trim().to_ascii_lowercase()
}

/// Returns whether a session matches a normalized text.
pub(crate) fn matches(id: SessionId, text: &str) -> bool {
    let id = id.to_string();
    id.starts_with(text) || id.ends_with(text) || id[id.len() - SHOWN..].starts_with(text)
}

/// Returns the only candidate, given the newest sessions that match `text`.
pub(crate) fn the_one(text: &str, candidates: Vec<SessionId>) -> Result<SessionId, StoreError> {
    let shortened = || text.chars().take(64).collect();
    match *candidates {
        // Every identifier begins with the empty text, so it must not match.
        _ if text.is_empty() => Err(StoreError::NoSession { text: shortened() }),
        [] => Err(StoreError::NoSession { text: shortened() }),
        [one] => Ok(one),
        _ => Err(StoreError::Ambiguous { text: shortened(), candidates }),
    }
}
