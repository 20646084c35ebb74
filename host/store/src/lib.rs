//! Keeps what codewalk did: one event log behind one interface, in SQLite, in plain files or in memory.
//!
//! Architecture invariant: the events are the truth and are durable before anyone is told of them. The sessions beside
//! them are the fold of their events and are never behind them, so that a list of ten thousand sessions reads no event.
//! Entries are derived from the raw output of the agents: they are kept together with the reader's position and can be
//! made again.
//!
//! Architecture invariant: what cannot be read is said and never guessed at. A session that cannot be read keeps no
//! other from being used; [`Store::problems`] names it.

mod error;
mod file_system;
mod files;
#[cfg(any(test, fuzzing))]
pub mod invariants;
mod memory;
mod private;
mod projection;
#[cfg(not(fuzzing))]
mod sqlite;

#[cfg(test)]
mod conformance;
#[cfg(test)]
mod media;
#[cfg(test)]
mod processes;
#[cfg(any(test, fuzzing))]
#[cfg_attr(fuzzing, allow(dead_code, reason = "tests use all of it"))]
mod samples;

use std::time::Duration;

use codewalk_core::call::SessionBrief;
use codewalk_core::entry::Entry;
use codewalk_core::event::StoredEvent;
use codewalk_core::ids::SessionId;
use codewalk_core::ports::SessionStore;
use codewalk_core::session::Session;
use codewalk_core::time::Timestamp;
use serde::{Deserialize, Serialize};

pub use error::StoreError;
pub use file_system::{FileSystem, Sharing};
pub use files::FileStore;
pub use memory::MemoryStore;
#[cfg(not(fuzzing))]
pub use sqlite::SqliteStore;

/// How much of the end of an identifier is shown to people, in characters.
pub const SHOWN: usize = 8;
/// How many candidates [`StoreError::Ambiguous`] names at most.
pub const MAX_CANDIDATES: usize = 10;

/// How long a writer waits for another one. Nobody queues, so on a busy machine one of many may have bad luck for long.
const BUSY_TIMEOUT: Duration = Duration::from_secs(60);
/// How long it waits before it tries again.
const BUSY_PAUSE: Duration = Duration::from_millis(1);

/// Which raw output file of a run a reader follows; each has offsets of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RawFile {
    /// What the agent printed.
    Stdout,
    /// What it printed on the error stream.
    Stderr,
}

/// A store with all that front ends and readers need besides the event log.
pub trait Store: SessionStore<Error = StoreError> + Send {
    /// Returns the sessions that changed last, newest first; only those that come after `before` in that order.
    ///
    /// # Errors
    /// Where the store cannot be read.
    fn sessions(
        &self,
        limit: u32,
        before: Option<(Timestamp, SessionId)>,
    ) -> Result<Vec<Session>, StoreError>;

    /// Returns what a list shows of the sessions that changed last, newest first. Of a long utterance there may be the
    /// beginning alone.
    ///
    /// # Errors
    /// Where the store cannot be read.
    fn briefs(&self, limit: u32) -> Result<Vec<SessionBrief>, StoreError> {
        Ok(self.sessions(limit, None)?.iter().map(Session::brief).collect())
    }

    /// Returns one session.
    ///
    /// # Errors
    /// Where the store cannot be read.
    fn session(&self, id: SessionId) -> Result<Option<Session>, StoreError>;

    /// Returns the one session whose identifier begins or ends with `text`.
    ///
    /// # Errors
    /// Where there is none, where there are several, where the store cannot be read.
    fn find(&self, text: &str) -> Result<SessionId, StoreError>;

    /// Returns the sessions whose last run has not ended, those that changed last first.
    ///
    /// # Errors
    /// Where the store cannot be read.
    fn unfinished(&self) -> Result<Vec<Session>, StoreError>;

    /// Says which sessions the lists leave out, and why: each could not be read, and keeps no other from being listed.
    ///
    /// # Errors
    /// Where the store itself cannot be read.
    fn problems(&self) -> Result<Vec<StoreError>, StoreError> {
        Ok(Vec::new())
    }

    /// Tries whether anything could be kept, and keeps nothing. What opening the store has tried is not tried again.
    ///
    /// # Errors
    /// Where nothing could be kept.
    fn try_to_keep(&mut self) -> Result<(), StoreError> {
        Ok(())
    }

    /// Returns the events after a position of the store, in their order.
    ///
    /// # Errors
    /// Where the store cannot be read.
    fn events_after(&self, seq: u64, limit: u32) -> Result<Vec<StoredEvent>, StoreError>;

    /// Keeps entries read from one raw file of a run, together with the position its reader has reached. What lies
    /// before the position that is kept already was kept with it and is skipped, so a batch may come twice.
    ///
    /// # Errors
    /// Where an entry is of another run or at or after `next_offset`, or where the store cannot be written. Nothing is
    /// kept then.
    fn append_entries(
        &mut self,
        session: SessionId,
        run: u32,
        file: RawFile,
        entries: &[Entry],
        next_offset: u64,
    ) -> Result<(), StoreError>;

    /// Returns the offset at which the reader of a raw file goes on; 0 where it has not begun.
    ///
    /// # Errors
    /// Where the store cannot be read.
    fn reader_position(&self, session: SessionId, run: u32, file: RawFile) -> Result<u64, StoreError>;

    /// Returns the newest entries of a session, newest first, as many as fit `max_bytes` of JSON.
    ///
    /// # Errors
    /// Where the store cannot be read.
    fn entries_newest(&self, session: SessionId, max_bytes: usize) -> Result<Vec<Entry>, StoreError>;

    /// Returns the entries of a session from the one with this index on, in their order.
    ///
    /// # Errors
    /// Where the store cannot be read.
    fn entries(&self, session: SessionId, from_index: u64, limit: u32) -> Result<Vec<Entry>, StoreError>;

    /// Returns how many entries a session has.
    ///
    /// # Errors
    /// Where the store cannot be read.
    fn entry_count(&self, session: SessionId) -> Result<u64, StoreError>;
}
