//! The store in one SQLite file, for any number of processes.
//!
//! Each write is one `BEGIN IMMEDIATE` transaction. Writers wait for each other; readers do not wait.
//!
//! Events are synced to the disk before [`SessionStore::append`] returns (WAL, `synchronous=FULL`). Entries
//! are not (`NORMAL`): they arrive up to 200 times a second, a sync can block other writers for milliseconds,
//! and entries lost in a power failure are read again from the raw output. The next event syncs them too.
//! Entries and their position are lost together or not at all.

mod error;
mod opening;
mod packing;
mod rows;
#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use codewalk_core::entry::Entry;
use codewalk_core::event::{NewEvent, StoredEvent};
use codewalk_core::ids::{Id, SessionId, StreamId};
use codewalk_core::ports::SessionStore;
use codewalk_core::session::{Session, SessionBrief};
use codewalk_core::terminal_text::cut;
use codewalk_core::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, Params, Row, TransactionBehavior, params};
use serde::Serialize;

use crate::error::OnPath;
use crate::projection::{check_entries, normalized, stage, the_one};
use crate::{MAX_CANDIDATES, RawFile, SHOWN, Store, StoreError};
use error::{Decoded, Failure};
use rows::{brief_of, entry_of, event_of, session_of, stream_of};

/// How many bytes of a session's text the index for lists contains. A list shows less than that.
const BRIEF_TEXT: usize = 500;

/// The store in one SQLite file.
#[derive(Debug)]
pub struct SqliteStore {
    /// Reads, and writes data that must be durable immediately.
    connection: Connection,
    /// Writes derived data.
    derived: Connection,
    path: PathBuf,
}

impl SqliteStore {
    /// Opens the store in the file at `path`, or creates it with its folder.
    ///
    /// # Errors
    /// If a newer codewalk wrote it, if it is not a store, or if an operation fails. In these cases the file
    /// is unchanged.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Ok(Self {
            connection: opening::open(path, opening::STEPS)?,
            derived: opening::open_derived(path)?,
            path: path.to_owned(),
        })
    }

    /// Moves an unusable database and its companion files aside, and returns the new path.
    ///
    /// # Errors
    /// If it cannot be moved.
    pub fn set_aside(path: &Path) -> Result<PathBuf, StoreError> {
        opening::set_aside(path)
    }

    fn reading<T>(
        &self,
        action: &'static str,
        work: impl FnOnce(&Connection) -> Result<T, Failure>,
    ) -> Result<T, StoreError> {
        work(&self.connection).on(action, &self.path)
    }
}

const INSERT_EVENT: &str = "INSERT INTO events (stream, version, at, body) VALUES (?1, ?2, ?3, ?4)";
/// Changes nothing, but fails if the database is read-only, because SQLite opens a read-only file without an
/// error.
const NOTHING: &str = "DELETE FROM events WHERE 0";
const READ_EVENTS: &str =
    "SELECT seq, stream, version, at, body FROM events WHERE stream = ?1 ORDER BY version";
const EVENTS_AFTER: &str =
    "SELECT seq, stream, version, at, body FROM events WHERE seq > ?1 ORDER BY seq LIMIT ?2";
const LAST_VERSION: &str = "SELECT version FROM events WHERE stream = ?1 ORDER BY version DESC LIMIT 1";
const STREAMS_NEWEST_FIRST: &str = "SELECT stream FROM events ORDER BY seq DESC";
const PUT_SESSION: &str = "INSERT INTO sessions (id, changed_at, state, body, agent, project, text)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
    ON CONFLICT (id) DO UPDATE SET changed_at = excluded.changed_at, state = excluded.state,
        body = excluded.body, agent = excluded.agent, project = excluded.project, text = excluded.text";
const GET_SESSION: &str = "SELECT id, body FROM sessions WHERE id = ?1";
const SESSIONS: &str = "SELECT id, body FROM sessions WHERE (changed_at, id) < (?1, ?2)
    ORDER BY changed_at DESC, id DESC LIMIT ?3";
// The index contains all columns. Rows written by an older codewalk have no agent.
const BRIEFS: &str = "SELECT id, changed_at, state, agent, project, text,
    CASE WHEN agent IS NULL THEN body END
    FROM sessions ORDER BY changed_at DESC, id DESC LIMIT ?1";
const UNFINISHED: &str = "SELECT id, body FROM sessions WHERE state IN ('starting', 'running', 'waiting')
    ORDER BY changed_at DESC, id DESC";
const FIND: &str = "SELECT id FROM sessions
    WHERE substr(id, 1, length(?1)) = ?1 OR substr(id, -length(?1)) = ?1
        OR substr(id, -?3, length(?1)) = ?1 ORDER BY id DESC LIMIT ?2";
const INSERT_ENTRY: &str = "INSERT INTO entries (session, number, run, offset, length, body, packed)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
const ENTRIES: &str = "SELECT session, number, run, offset, length, body, packed FROM entries
    WHERE session = ?1 AND number >= ?2 ORDER BY number LIMIT ?3";
const ENTRIES_NEWEST: &str = "SELECT session, number, run, offset, length, body, packed FROM entries
    WHERE session = ?1 ORDER BY number DESC";
const ENTRY_COUNT: &str = "SELECT number + 1 FROM entries WHERE session = ?1 ORDER BY number DESC LIMIT 1";
const POSITION: &str = "SELECT position FROM readers WHERE session = ?1 AND run = ?2 AND file = ?3";
const PUT_POSITION: &str = "INSERT INTO readers (session, run, file, position) VALUES (?1, ?2, ?3, ?4)
    ON CONFLICT (session, run, file) DO UPDATE SET position = excluded.position";

impl SessionStore for SqliteStore {
    type Error = StoreError;

    fn append(&mut self, events: &[NewEvent]) -> Result<Vec<StoredEvent>, StoreError> {
        let work = |db: &Connection| {
            let last_version = |stream: StreamId| number(db, LAST_VERSION, [stream.to_string()]);
            let changed = stage(events, last_version, |id| get_session(db, id))?;
            let mut insert = db.prepare_cached(INSERT_EVENT)?;
            let mut recorded = Vec::with_capacity(events.len());
            for new in events {
                let stream = new.event.stream();
                let body = json(&new.event.kind)?;
                insert.execute(params![stream.to_string(), new.version, new.event.at.0, body])?;
                recorded.push(StoredEvent {
                    seq: db.last_insert_rowid().unsigned_abs(),
                    stream,
                    version: new.version,
                    event: new.event.clone(),
                });
            }
            let mut put = db.prepare_cached(PUT_SESSION)?;
            for session in changed {
                let Session { id, changed_at, state, agent, project, text, .. } = &session;
                let (id, text, body) = (id.to_string(), cut(text, BRIEF_TEXT), json(&session)?);
                put.execute(params![id, changed_at.0, state.as_str(), body, agent, project.name, text])?;
            }
            Ok(recorded)
        };
        all_or_nothing(&mut self.connection, work).on("store events", &self.path)
    }

    fn read(&self, stream: StreamId) -> Result<Vec<StoredEvent>, StoreError> {
        self.reading("read events", |db| collect(db, READ_EVENTS, [stream.to_string()], event_of))
    }

    fn recent(&self, limit: u32) -> Result<Vec<StreamId>, StoreError> {
        let limit = limit as usize;
        self.reading("list the streams", |db| {
            let mut seen = HashSet::new();
            let mut newest_first = Vec::new();
            let mut statement = db.prepare_cached(STREAMS_NEWEST_FIRST)?;
            let mut rows = statement.query([])?;
            while newest_first.len() < limit
                && let Some(row) = rows.next()?
            {
                let stream = stream_of(row)?;
                if seen.insert(stream) {
                    newest_first.push(stream);
                }
            }
            Ok(newest_first)
        })
    }
}

impl Store for SqliteStore {
    fn sessions(
        &self,
        limit: u32,
        before: Option<(Timestamp, SessionId)>,
    ) -> Result<Vec<Session>, StoreError> {
        let first = (Timestamp(u64::MAX), SessionId(Id::from_u128(u128::MAX)));
        let (changed_at, id) = before.unwrap_or(first);
        self.reading("list the sessions", |db| {
            let page = params![at_most(changed_at.0), id.to_string(), limit];
            collect(db, SESSIONS, page, session_of)
        })
    }

    fn briefs(&self, limit: u32) -> Result<Vec<SessionBrief>, StoreError> {
        self.reading("list the sessions", |db| collect(db, BRIEFS, [limit], brief_of))
    }

    fn session(&self, id: SessionId) -> Result<Option<Session>, StoreError> {
        self.reading("read a session", |db| get_session(db, id))
    }

    fn find(&self, text: &str) -> Result<SessionId, StoreError> {
        let text = normalized(text);
        let candidates = self.reading("find a session", |db| {
            collect(db, FIND, params![text, MAX_CANDIDATES as i64, SHOWN as i64], |row| {
                let id: String = row.get(0)?;
                id.parse().of(|| format!("session {id:?}"))
            })
        })?;
        the_one(&text, candidates)
    }

    fn unfinished(&self) -> Result<Vec<Session>, StoreError> {
        self.reading("list the sessions", |db| collect(db, UNFINISHED, [], session_of))
    }

    fn try_to_keep(&mut self) -> Result<(), StoreError> {
        let work = |db: &Connection| Ok(db.execute(NOTHING, [])?);
        let tried = all_or_nothing(&mut self.connection, work);
        tried.map(drop).on("store events", &self.path)
    }

    fn events_after(&self, seq: u64, limit: u32) -> Result<Vec<StoredEvent>, StoreError> {
        self.reading("read events", |db| collect(db, EVENTS_AFTER, params![at_most(seq), limit], event_of))
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
        let work = |db: &Connection| {
            let session = session.to_string();
            let position = number(db, POSITION, params![session, run, name(file)])?;
            let count = number(db, ENTRY_COUNT, [&session])?;
            let mut insert = db.prepare_cached(INSERT_ENTRY)?;
            let new = entries.iter().filter(|e| e.offset >= position);
            for (index, entry) in (count..).zip(new) {
                let body = json(&entry.kind)?;
                let packed = packing::packed(&body);
                let body = if packed.is_none() { body.as_str() } else { "" };
                insert.execute(params![session, index, run, entry.offset, entry.length, body, packed])?;
            }
            if next_offset > position {
                let mut put = db.prepare_cached(PUT_POSITION)?;
                put.execute(params![session, run, name(file), next_offset])?;
            }
            Ok(())
        };
        all_or_nothing(&mut self.derived, work).on("store entries", &self.path)
    }

    fn reader_position(&self, session: SessionId, run: u32, file: RawFile) -> Result<u64, StoreError> {
        self.reading("read a reader's position", |db| {
            number(db, POSITION, params![session.to_string(), run, name(file)])
        })
    }

    fn entries_newest(&self, session: SessionId, max_bytes: usize) -> Result<Vec<Entry>, StoreError> {
        self.reading("read entries", |db| {
            let mut left = max_bytes;
            let mut newest_first = Vec::new();
            let mut statement = db.prepare_cached(ENTRIES_NEWEST)?;
            let mut rows = statement.query([session.to_string()])?;
            while let Some(row) = rows.next()? {
                let (entry, size) = entry_of(row)?;
                let Some(rest) = left.checked_sub(size) else {
                    break;
                };
                left = rest;
                newest_first.push(entry);
            }
            Ok(newest_first)
        })
    }

    fn entries(&self, session: SessionId, from_index: u64, limit: u32) -> Result<Vec<Entry>, StoreError> {
        self.reading("read entries", |db| {
            let page = params![session.to_string(), at_most(from_index), limit];
            collect(db, ENTRIES, page, |row| Ok(entry_of(row)?.0))
        })
    }

    fn entry_count(&self, session: SessionId) -> Result<u64, StoreError> {
        self.reading("count entries", |db| number(db, ENTRY_COUNT, [session.to_string()]))
    }
}

fn json(value: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string(value).map_err(|e| rusqlite::Error::ToSqlConversionFailure(e.into()).into())
}

/// Returns a bound for a query, because SQLite stores no larger integers.
fn at_most(bound: u64) -> i64 {
    i64::try_from(bound).unwrap_or(i64::MAX)
}

const fn name(file: RawFile) -> &'static str {
    match file {
        RawFile::Stdout => "stdout",
        RawFile::Stderr => "stderr",
    }
}

/// Runs `work` in a transaction.
fn all_or_nothing<T>(
    connection: &mut Connection,
    work: impl FnOnce(&Connection) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let done = work(&transaction)?;
    transaction.commit()?;
    Ok(done)
}

fn collect<T>(
    db: &Connection,
    query: &str,
    params: impl Params,
    decode: impl FnMut(&Row<'_>) -> Result<T, Failure>,
) -> Result<Vec<T>, Failure> {
    db.prepare_cached(query)?.query_and_then(params, decode)?.collect()
}

/// Returns the number that a query finds, or 0 if it finds none.
fn number(db: &Connection, query: &str, params: impl Params) -> Result<u64, Failure> {
    let found = db.prepare_cached(query)?.query_row(params, |row| row.get(0));
    Ok(found.optional()?.unwrap_or(0))
}

fn get_session(db: &Connection, id: SessionId) -> Result<Option<Session>, Failure> {
    Ok(collect(db, GET_SESSION, [id.to_string()], session_of)?.pop())
}
