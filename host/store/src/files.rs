//! The store in a folder of plain files, for any number of processes.
//!
//! ```text
//! store.json                   the schema
//! lock                         shared by readers, exclusive for a writer
//! commits                      which events are committed, in the order of the store
//! sessions/ID/events.jsonl     the events of a session
//! sessions/ID/session.json     their fold, recreated if it is missing or outdated
//! sessions/ID/entries.jsonl    the decoded output of its agent
//! utterances/ID.jsonl          the events of an utterance
//! ```
//!
//! A batch of events is atomic across streams. A writer first appends the events to the files of their
//! streams and syncs these files. Then it appends a line for each event to `commits` and syncs that file: the
//! last line commits the batch. If a writer dies before that, its events have no commit: readers ignore them,
//! and the next writer of the stream cuts them off. One event costs two syncs. Opening a store never repairs
//! anything.
//!
//! If a committed event is missing from its file, it was lost later. This is an error, and is never treated
//! as an unfinished write. So are events after the last commit, unless they belong to the next batch. Lists
//! leave out unreadable sessions, and [`Store::problems`] names them. The folder of such a session can be
//! moved away as a whole.

mod batch;
mod commit;
mod commits;
mod corrupt;
mod entries;
mod handle;
mod index;
mod layout;
mod opening;
mod sessions;
mod streams;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use codewalk_core::entry::Entry;
use codewalk_core::event::{NewEvent, StoredEvent};
use codewalk_core::ids::{SessionId, StreamId};
use codewalk_core::ports::SessionStore;
use codewalk_core::session::Session;
use codewalk_core::time::Timestamp;

use crate::projection::{check_entries, matches, normalized, stage, the_one};
use crate::{MAX_CANDIDATES, RawFile, Store, StoreError};
use batch::Batch;
use opening::Access;

pub use handle::FileStore;

impl SessionStore for FileStore {
    type Error = StoreError;

    fn append(&mut self, events: &[NewEvent]) -> Result<Vec<StoredEvent>, StoreError> {
        if events.is_empty() {
            return Ok(Vec::new());
        }
        let locked = self.lock(Access::Writes)?;
        let mut ends = HashMap::new();
        let last_version = |stream| {
            let found = self.stream_end(&locked, stream)?;
            let version = found.version;
            ends.insert(stream, found);
            Ok(version)
        };
        let changed = stage(events, last_version, |id| self.load_session(&locked, id))?;
        let batch = Batch::of(self, &locked, events, ends)?;
        batch.write(&locked)?;
        for session in changed {
            self.save_session(&session, batch.last(session.id.into()));
        }
        Ok(batch.recorded)
    }

    fn read(&self, stream: StreamId) -> Result<Vec<StoredEvent>, StoreError> {
        let locked = self.lock(Access::Reads)?;
        self.read_stream(&locked, stream)
    }

    fn recent(&self, limit: u32) -> Result<Vec<StreamId>, StoreError> {
        let locked = self.lock(Access::Reads)?;
        locked.commits.streams_newest_first(locked.last, limit as usize)
    }
}

impl Store for FileStore {
    fn sessions(
        &self,
        limit: u32,
        before: Option<(Timestamp, SessionId)>,
    ) -> Result<Vec<Session>, StoreError> {
        let sessions = self.newest_sessions()?.into_iter();
        let page = sessions.filter(|s| before.is_none_or(|before| (s.changed_at, s.id) < before));
        Ok(page.take(limit as usize).collect())
    }

    fn session(&self, id: SessionId) -> Result<Option<Session>, StoreError> {
        let locked = self.lock(Access::Reads)?;
        self.load_session(&locked, id)
    }

    fn find(&self, text: &str) -> Result<SessionId, StoreError> {
        let text = normalized(text);
        let locked = self.lock(Access::Reads)?;
        let mut ids = self.session_ids()?;
        ids.retain(|id| matches(*id, &text));
        ids.sort_by_key(|id| std::cmp::Reverse(*id));
        let mut candidates = Vec::new();
        for id in ids {
            if candidates.len() < MAX_CANDIDATES && self.is_there(&locked, id)? {
                candidates.push(id);
            }
        }
        the_one(&text, candidates)
    }

    fn unfinished(&self) -> Result<Vec<Session>, StoreError> {
        let mut sessions = self.newest_sessions()?;
        sessions.retain(|session| !session.state.has_ended());
        Ok(sessions)
    }

    fn problems(&self) -> Result<Vec<StoreError>, StoreError> {
        self.unreadable_sessions()
    }

    fn events_after(&self, seq: u64, limit: u32) -> Result<Vec<StoredEvent>, StoreError> {
        let locked = self.lock(Access::Reads)?;
        let end = locked.last.min(seq.saturating_add(limit.into()));
        if seq >= end {
            return Ok(Vec::new());
        }
        let commits = locked.commits.range(seq + 1..end + 1)?;
        let mut open = None;
        (seq + 1..).zip(commits).map(|(seq, commit)| self.read_event(&mut open, seq, commit)).collect()
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
        self.entries_to_extend(session)?.append(run, file, entries, next_offset)
    }

    fn reader_position(&self, session: SessionId, run: u32, file: RawFile) -> Result<u64, StoreError> {
        let entries = self.entries_of(session)?;
        Ok(entries.map_or(0, |entries| entries.position(run, file)))
    }

    fn entries_newest(&self, session: SessionId, max_bytes: usize) -> Result<Vec<Entry>, StoreError> {
        self.entries_of(session)?.map_or(Ok(Vec::new()), |entries| entries.newest(max_bytes))
    }

    fn entries(&self, session: SessionId, from_index: u64, limit: u32) -> Result<Vec<Entry>, StoreError> {
        self.entries_of(session)?.map_or(Ok(Vec::new()), |entries| entries.page(from_index, limit))
    }

    fn entry_count(&self, session: SessionId) -> Result<u64, StoreError> {
        Ok(self.entries_of(session)?.map_or(0, |entries| entries.count()))
    }
}
