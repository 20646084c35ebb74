//! A store in memory, for tests.

use std::collections::{BTreeMap, HashMap, HashSet};

use codewalk_core::entry::Entry;
use codewalk_core::event::{NewEvent, StoredEvent};
use codewalk_core::ids::{SessionId, StreamId};
use codewalk_core::ports::SessionStore;
use codewalk_core::session::Session;
use codewalk_core::time::Timestamp;

use crate::projection::{check_entries, matches, normalized, stage, the_one};
use crate::{MAX_CANDIDATES, RawFile, Store, StoreError};

/// A store in memory.
#[derive(Debug, Default)]
pub struct MemoryStore {
    events: Vec<StoredEvent>,
    sessions: BTreeMap<SessionId, Session>,
    entries: HashMap<SessionId, Vec<Entry>>,
    positions: HashMap<(SessionId, u32, RawFile), u64>,
}

impl MemoryStore {
    /// Creates an empty store.
    pub fn new() -> Self {
        Self::default()
    }

    fn newest_first(&self) -> Vec<&Session> {
        let mut sessions: Vec<_> = self.sessions.values().collect();
        sessions.sort_by_key(|s| std::cmp::Reverse((s.changed_at, s.id)));
        sessions
    }

    fn of_session(&self, session: SessionId) -> &[Entry] {
        self.entries.get(&session).map_or(&[], Vec::as_slice)
    }
}

impl SessionStore for MemoryStore {
    type Error = StoreError;

    fn append(&mut self, events: &[NewEvent]) -> Result<Vec<StoredEvent>, StoreError> {
        let last_version = |stream| {
            let last = self.events.iter().rev().find(|e| e.stream == stream);
            Ok::<_, StoreError>(last.map_or(0, |e| e.version))
        };
        let changed = stage(events, last_version, |id| Ok(self.sessions.get(&id).cloned()))?;
        let recorded: Vec<StoredEvent> = (self.events.len() as u64 + 1..)
            .zip(events)
            .map(|(seq, new)| StoredEvent {
                seq,
                stream: new.event.stream(),
                version: new.version,
                event: new.event.clone(),
            })
            .collect();
        self.events.extend_from_slice(&recorded);
        self.sessions.extend(changed.into_iter().map(|s| (s.id, s)));
        Ok(recorded)
    }

    fn read(&self, stream: StreamId) -> Result<Vec<StoredEvent>, StoreError> {
        Ok(self.events.iter().filter(|e| e.stream == stream).cloned().collect())
    }

    fn recent(&self, limit: u32) -> Result<Vec<StreamId>, StoreError> {
        let mut seen = HashSet::new();
        let newest_first = self.events.iter().rev().map(|e| e.stream);
        Ok(newest_first.filter(|stream| seen.insert(*stream)).take(limit as usize).collect())
    }
}

impl Store for MemoryStore {
    fn sessions(
        &self,
        limit: u32,
        before: Option<(Timestamp, SessionId)>,
    ) -> Result<Vec<Session>, StoreError> {
        let page = self
            .newest_first()
            .into_iter()
            .filter(|s| before.is_none_or(|before| (s.changed_at, s.id) < before));
        Ok(page.take(limit as usize).cloned().collect())
    }

    fn session(&self, id: SessionId) -> Result<Option<Session>, StoreError> {
        Ok(self.sessions.get(&id).cloned())
    }

    fn find(&self, text: &str) -> Result<SessionId, StoreError> {
        let text = normalized(text);
        let newest_first = self.sessions.keys().rev();
        let candidates = newest_first.filter(|id| matches(**id, &text)).take(MAX_CANDIDATES).copied();
        the_one(&text, candidates.collect())
    }

    fn unfinished(&self) -> Result<Vec<Session>, StoreError> {
        let sessions = self.newest_first().into_iter();
        Ok(sessions.filter(|s| !s.state.has_ended()).cloned().collect())
    }

    fn events_after(&self, seq: u64, limit: u32) -> Result<Vec<StoredEvent>, StoreError> {
        let later = self.events.iter().filter(|e| e.seq > seq);
        Ok(later.take(limit as usize).cloned().collect())
    }

    fn append_entries(
        &mut self,
        session: SessionId,
        run: u32,
        file: RawFile,
        entries: &[Entry],
        next_offset: u64,
    ) -> Result<(), StoreError> {
        check_entries(session, run, entries, next_offset)?;
        let position = self.positions.entry((session, run, file)).or_default();
        let new = entries.iter().filter(|e| e.offset >= *position).cloned();
        self.entries.entry(session).or_default().extend(new);
        *position = next_offset.max(*position);
        Ok(())
    }

    fn reader_position(&self, session: SessionId, run: u32, file: RawFile) -> Result<u64, StoreError> {
        Ok(self.positions.get(&(session, run, file)).copied().unwrap_or(0))
    }

    fn entries_newest(&self, session: SessionId, max_bytes: usize) -> Result<Vec<Entry>, StoreError> {
        let mut left = max_bytes;
        let fits = |entry: &&Entry| {
            let size = serde_json::to_string(&entry.kind).map_or(usize::MAX, |json| json.len());
            left.checked_sub(size).map(|rest| left = rest).is_some()
        };
        let newest_first = self.of_session(session).iter().rev();
        Ok(newest_first.take_while(fits).cloned().collect())
    }

    fn entries(&self, session: SessionId, from_index: u64, limit: u32) -> Result<Vec<Entry>, StoreError> {
        let from = usize::try_from(from_index).unwrap_or(usize::MAX);
        let page = self.of_session(session).iter().skip(from);
        Ok(page.take(limit as usize).cloned().collect())
    }

    fn entry_count(&self, session: SessionId) -> Result<u64, StoreError> {
        Ok(self.of_session(session).len() as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::MemoryStore;

    crate::testing::conformance::conformance_suite! { ((), MemoryStore::new()) }
}
