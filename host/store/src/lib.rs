//! Stores codewalk's event log behind one interface: in SQLite, in plain files or in memory.
//!
//! Architecture invariant: the events are the source of truth, and are durable before they are reported. The
//! stored sessions are the fold of their events and never lag behind them, so that listing ten thousand
//! sessions reads no events. Entries are derived from the agents' raw output. They are stored together with
//! the position of the reader, and can be recreated.
//!
//! Architecture invariant: unreadable data is reported, never guessed. An unreadable session does not affect
//! others; [`Store::problems`] names it.

mod error;
mod file_system;
mod files;
mod memory;
mod private;
mod projection;
#[cfg(not(fuzzing))]
mod sqlite;
#[cfg(any(test, fuzzing))]
pub mod testing;

use std::time::Duration;

use codewalk_core::entry::Entry;
use codewalk_core::event::StoredEvent;
use codewalk_core::ids::SessionId;
use codewalk_core::ports::SessionStore;
use codewalk_core::session::{Session, SessionBrief};
use codewalk_core::time::Timestamp;
use serde::{Deserialize, Serialize};

pub use error::StoreError;
pub use file_system::{FileSystem, Sharing};
pub use files::FileStore;
pub use memory::MemoryStore;
#[cfg(not(fuzzing))]
pub use sqlite::SqliteStore;

/// How many characters at the end of an identifier are shown to users.
pub const SHOWN: usize = 8;
/// The maximum number of candidates that [`StoreError::Ambiguous`] names.
pub const MAX_CANDIDATES: usize = 10;

/// How long a writer waits for another writer. There is no queue, so one of many writers may wait long.
const BUSY_TIMEOUT: Duration = Duration::from_secs(60);
/// How long a writer pauses between attempts.
const BUSY_PAUSE: Duration = Duration::from_millis(1);

/// A raw output file of a run. Each file has its own offsets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RawFile {
    /// The agent's standard output.
    Stdout,
    /// The agent's standard error.
    Stderr,
}

/// A store with everything that front ends and readers need besides the event log.
pub trait Store: SessionStore<Error = StoreError> + Send {
    /// Returns the most recently changed sessions, newest first, starting after `before`.
    ///
    /// # Errors
    /// If the store cannot be read.
    fn sessions(
        &self,
        limit: u32,
        before: Option<(Timestamp, SessionId)>,
    ) -> Result<Vec<Session>, StoreError>;

    /// Returns briefs of the most recently changed sessions, newest first. A long utterance may be cut.
    ///
    /// # Errors
    /// If the store cannot be read.
    fn briefs(&self, limit: u32) -> Result<Vec<SessionBrief>, StoreError> {
        Ok(self.sessions(limit, None)?.iter().map(Session::brief).collect())
    }

    /// Returns one session.
    ///
    /// # Errors
    /// If the store cannot be read.
    fn session(&self, id: SessionId) -> Result<Option<Session>, StoreError>;

    /// Returns the one session whose identifier begins or ends with `text`.
    ///
    /// # Errors
    /// If no session or several sessions match, or the store cannot be read.
    fn find(&self, text: &str) -> Result<SessionId, StoreError>;

    /// Returns the sessions whose last run has not ended, the most recently changed first.
    ///
    /// # Errors
    /// If the store cannot be read.
    fn unfinished(&self) -> Result<Vec<Session>, StoreError>;

    /// Returns the errors of the unreadable sessions, which lists leave out.
    ///
    /// # Errors
    /// If the store itself cannot be read.
    fn problems(&self) -> Result<Vec<StoreError>, StoreError> {
        Ok(Vec::new())
    }

    /// Checks whether the store is writable, in addition to the checks made when it is opened. Stores
    /// nothing.
    ///
    /// # Errors
    /// If the store is not writable.
    fn try_to_keep(&mut self) -> Result<(), StoreError> {
        Ok(())
    }

    /// Returns the events after a sequence number, in order.
    ///
    /// # Errors
    /// If the store cannot be read.
    fn events_after(&self, seq: u64, limit: u32) -> Result<Vec<StoredEvent>, StoreError>;

    /// Stores entries read from a raw file of a run, together with the position of its reader. Entries before
    /// the stored position are skipped, so a batch may arrive twice.
    ///
    /// # Errors
    /// If an entry belongs to another run, or begins at or after `next_offset`, or if the store cannot be
    /// written. In these cases nothing is stored.
    fn append_entries(
        &mut self,
        session: SessionId,
        run: u32,
        file: RawFile,
        entries: &[Entry],
        next_offset: u64,
    ) -> Result<(), StoreError>;

    /// Returns the offset at which the reader of a raw file continues, or 0 if it has not started.
    ///
    /// # Errors
    /// If the store cannot be read.
    fn reader_position(&self, session: SessionId, run: u32, file: RawFile) -> Result<u64, StoreError>;

    /// Returns the newest entries of a session, newest first, limited to `max_bytes` of JSON.
    ///
    /// # Errors
    /// If the store cannot be read.
    fn entries_newest(&self, session: SessionId, max_bytes: usize) -> Result<Vec<Entry>, StoreError>;

    /// Returns the entries of a session in order, starting at this index.
    ///
    /// # Errors
    /// If the store cannot be read.
    fn entries(&self, session: SessionId, from_index: u64, limit: u32) -> Result<Vec<Entry>, StoreError>;

    /// Returns the number of entries of a session.
    ///
    /// # Errors
    /// If the store cannot be read.
    fn entry_count(&self, session: SessionId) -> Result<u64, StoreError>;
}
