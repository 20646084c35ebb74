//! The store in a folder of plain files, for any number of processes at once.
//!
//! ```text
//! store.json                   which schema this is
//! lock                         held by whoever reads (with others) or writes (alone)
//! commits                      which events are kept, in the order of the store
//! sessions/ID/events.jsonl     the events of a session
//! sessions/ID/session.json     their fold, made again where it is missing or too old
//! sessions/ID/entries.jsonl    what its agent printed, decoded
//! utterances/ID.jsonl          the events of an utterance
//! ```
//!
//! Events of several streams are kept together or not at all. A writer first appends them to the files of their
//! streams and syncs these, then appends a line for each to `commits` and syncs that: the last of these lines decides.
//! A writer that dies before it leaves events that no commit tells of: readers ignore them, the next writer of the
//! stream cuts them. One event costs two syncs, and nothing is ever repaired when a store is opened.
//!
//! What the commits tell of and the files do not hold was lost by other hands; it is reported and never taken for
//! something that was not written yet. Neither are events behind the end of the commits, unless they are of the batch
//! that would have come next. A session that cannot be read is left out of the lists and named by [`Store::problems`];
//! its folder may be moved away as a whole.

mod batch;
mod commits;
mod entries;
#[cfg(test)]
mod faults;
mod opening;
#[cfg(test)]
mod processes;
mod sessions;
mod streams;
#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use codewalk_core::entry::Entry;
use codewalk_core::event::{NewEvent, StoredEvent};
use codewalk_core::ids::{SessionId, StreamId};
use codewalk_core::ports::SessionStore;
use codewalk_core::session::Session;
use codewalk_core::time::Timestamp;

use crate::projection::{check_entries, fits, normalised, stage, the_one};
use crate::{BUSY_TIMEOUT, MAX_CANDIDATES, RawFile, Store, StoreError};
use batch::Batch;
use commits::{Commit, Commits};
use opening::Access;

/// The store in a folder of plain files.
#[derive(Debug)]
pub struct FileStore {
    root: PathBuf,
    lock: File,
    commits: Commits,
    /// How long a lock is waited for.
    patience: Duration,
    /// What is known of the entries that were asked for.
    entries: RefCell<HashMap<SessionId, entries::Index>>,
}

impl FileStore {
    /// Opens the store in the folder at `path`, or makes it.
    ///
    /// # Errors
    /// Where a newer codewalk wrote it, where it is no store, where the medium fails. The folder is unchanged then.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let root = std::path::absolute(path).map_err(|e| StoreError::io("open the store", path, e))?;
        let (lock, commits) = opening::open(&root, BUSY_TIMEOUT)?;
        Ok(Self { root, lock, commits, patience: BUSY_TIMEOUT, entries: RefCell::default() })
    }

    /// Takes the lock, which others may hold for a while.
    fn hold(&self, access: Access) -> Result<Held<'_>, StoreError> {
        opening::acquire(&self.lock, &self.root, access, self.patience)?;
        let guard = Guard(&self.lock);
        Ok(Held { commits: &self.commits, last: self.commits.last()?, _guard: guard })
    }
}

struct Guard<'a>(&'a File);

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        // The lock is there and is ours, so this cannot fail.
        let _ = self.0.unlock();
    }
}

/// The store while its lock is held: what is kept does not change.
struct Held<'a> {
    commits: &'a Commits,
    /// The sequence number of the last event that is kept.
    last: u64,
    _guard: Guard<'a>,
}

impl Held<'_> {
    /// Returns where the event with a sequence number lies, if it is kept.
    fn commit(&self, seq: u64) -> Result<Option<Commit>, StoreError> {
        if !(1..=self.last).contains(&seq) {
            return Ok(None);
        }
        Ok(self.commits.range(seq..seq + 1)?.pop())
    }
}

impl SessionStore for FileStore {
    type Error = StoreError;

    fn append(&mut self, events: &[NewEvent]) -> Result<Vec<StoredEvent>, StoreError> {
        if events.is_empty() {
            return Ok(Vec::new());
        }
        let held = self.hold(Access::Writes)?;
        let mut standing = HashMap::new();
        let last_version = |stream| {
            let found = self.standing(&held, stream)?;
            let version = found.version;
            standing.insert(stream, found);
            Ok(version)
        };
        let changed = stage(events, last_version, |id| self.load_session(&held, id))?;
        let batch = Batch::of(self, &held, events, standing)?;
        batch.write(&held)?;
        for session in changed {
            self.save_session(&session, batch.last(session.id.into()));
        }
        Ok(batch.recorded)
    }

    fn read(&self, stream: StreamId) -> Result<Vec<StoredEvent>, StoreError> {
        let held = self.hold(Access::Reads)?;
        self.read_stream(&held, stream)
    }

    fn recent(&self, limit: u32) -> Result<Vec<StreamId>, StoreError> {
        let held = self.hold(Access::Reads)?;
        held.commits.streams_newest_first(held.last, limit as usize)
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
        let held = self.hold(Access::Reads)?;
        self.load_session(&held, id)
    }

    fn find(&self, text: &str) -> Result<SessionId, StoreError> {
        let text = normalised(text);
        let held = self.hold(Access::Reads)?;
        let mut ids = self.session_ids()?;
        ids.retain(|id| fits(*id, &text));
        ids.sort_by_key(|id| std::cmp::Reverse(*id));
        let mut candidates = Vec::new();
        for id in ids {
            if candidates.len() < MAX_CANDIDATES && self.is_there(&held, id)? {
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
        let held = self.hold(Access::Reads)?;
        let end = held.last.min(seq.saturating_add(limit.into()));
        if seq >= end {
            return Ok(Vec::new());
        }
        let commits = held.commits.range(seq + 1..end + 1)?;
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
