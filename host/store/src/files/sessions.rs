//! The file `session.json` in a session's folder: the fold of its events, so that listing sessions reads no
//! events.
//!
//! It names the last event that it includes. If that event is not committed, if there are later events, or if
//! the file is missing or unreadable, the events are folded again. The file is never the source of truth, so
//! it need not be synced.

use std::cmp::Ordering;
use std::fs;
use std::io;
use std::path::Path;

use codewalk_core::ids::SessionId;
use codewalk_core::session::Session;
use serde::{Deserialize, Serialize};

use super::corrupt::corrupt;
use super::handle::{FileStore, LockedStore};
use super::layout::{EVENTS, SESSIONS};
use super::opening::{Access, replace};
use crate::StoreError;
use crate::error::OnPath;
use crate::private::read_at_once;
use crate::projection::refold;

const SNAPSHOT: &str = "session.json";

#[derive(Serialize, Deserialize)]
struct Snapshot<S> {
    /// The sequence number of the last event it includes.
    seq: u64,
    session: S,
}

/// The readable sessions, and the errors of the others.
#[derive(Default)]
struct SessionList {
    sessions: Vec<Session>,
    /// The sessions whose snapshots are outdated.
    stale: Vec<SessionId>,
    problems: Vec<StoreError>,
}

/// A session, and whether its snapshot is outdated.
struct LoadedSession {
    session: Option<Session>,
    stale: bool,
}

impl FileStore {
    /// Returns the identifiers of all session folders, in no particular order. Other files are ignored.
    pub(super) fn session_ids(&self) -> Result<Vec<SessionId>, StoreError> {
        let path = self.root.join(SESSIONS);
        let mut ids = Vec::new();
        for entry in fs::read_dir(&path).on("list the sessions", &path)? {
            let name = entry.on("list the sessions", &path)?.file_name();
            let id = name.to_str().and_then(|name| Some((name, name.parse::<SessionId>().ok()?)));
            // Only the canonical form is valid: with capitals it would be another folder.
            ids.extend(id.filter(|(name, id)| id.to_string() == *name).map(|(_, id)| id));
        }
        Ok(ids)
    }

    /// Returns all readable sessions, most recently changed first.
    pub(super) fn newest_sessions(&self) -> Result<Vec<Session>, StoreError> {
        let SessionList { mut sessions, stale, problems } = self.listed()?;
        for error in problems {
            tracing::warn!(%error, "a session cannot be read");
        }
        self.refresh(&stale);
        sessions.sort_by_key(|session| std::cmp::Reverse((session.changed_at, session.id)));
        Ok(sessions)
    }

    /// Returns the errors of unreadable sessions.
    pub(super) fn unreadable_sessions(&self) -> Result<Vec<StoreError>, StoreError> {
        Ok(self.listed()?.problems)
    }

    fn listed(&self) -> Result<SessionList, StoreError> {
        let ids = self.session_ids()?;
        let locked = self.lock(Access::Reads)?;
        let mut listed = SessionList::default();
        for id in ids {
            match self.load(&locked, id) {
                Ok(LoadedSession { session, stale }) => {
                    listed.stale.extend(session.as_ref().filter(|_| stale).map(|session| session.id));
                    listed.sessions.extend(session);
                }
                Err(error) if self.is_of_one(&error, id) => listed.problems.push(error),
                Err(error) => return Err(error),
            }
        }
        Ok(listed)
    }

    /// Returns whether a session exists, readable or not.
    pub(super) fn is_there(&self, locked: &LockedStore<'_>, id: SessionId) -> Result<bool, StoreError> {
        match self.load(locked, id) {
            Ok(loaded) => Ok(loaded.session.is_some()),
            Err(error) if self.is_of_one(&error, id) => Ok(true),
            Err(error) => Err(error),
        }
    }

    /// Returns whether an error concerns only one session, not the whole store.
    fn is_of_one(&self, error: &StoreError, id: SessionId) -> bool {
        matches!(error, StoreError::Corrupt { path, .. } if path.starts_with(self.folder(id)))
    }

    /// Returns a session.
    pub(super) fn load_session(
        &self,
        locked: &LockedStore<'_>,
        id: SessionId,
    ) -> Result<Option<Session>, StoreError> {
        self.load(locked, id).map(|loaded| loaded.session)
    }

    fn load(&self, locked: &LockedStore<'_>, id: SessionId) -> Result<LoadedSession, StoreError> {
        let folder = self.folder(id);
        let events = folder.join(EVENTS);
        let length = match fs::metadata(&events) {
            Ok(metadata) => metadata.len(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
            Err(source) => return Err(StoreError::io("read a session", &events, source)),
        };
        if let Some(Snapshot { seq, session }) = snapshot(&folder.join(SNAPSHOT))?
            && let Some(last) = locked.commit(seq)?
            && (session.id, last.stream, last.version) == (id, id.into(), session.version)
        {
            match last.end.cmp(&length) {
                Ordering::Less => {}
                Ordering::Equal => return Ok(LoadedSession { session: Some(session), stale: false }),
                Ordering::Greater => {
                    let source = format!("it has {length} bytes and had {}", last.end);
                    return Err(corrupt(&events, "the end of the file", source));
                }
            }
        }
        let session = self.folded(locked, id)?.map(|(session, _)| session);
        Ok(LoadedSession { session, stale: true })
    }

    /// Folds the events of a session. Also returns the sequence number of the last one.
    fn folded(&self, locked: &LockedStore<'_>, id: SessionId) -> Result<Option<(Session, u64)>, StoreError> {
        let recorded = self.read_stream(locked, id.into())?;
        let session = refold(&recorded).map_err(|(version, error)| {
            corrupt(&self.folder(id).join(EVENTS), format!("line {version}"), error)
        })?;
        Ok(session.zip(recorded.last().map(|last| last.seq)))
    }

    /// Saves the snapshot of a session, given the sequence number of its last event. If that fails, the next
    /// reader of the session folds its events again.
    pub(super) fn save_session(&self, session: &Session, seq: u64) {
        let path = self.folder(session.id).join(SNAPSHOT);
        let bytes = serde_json::to_vec(&Snapshot { seq, session });
        let _ = bytes.map_err(io::Error::from).and_then(|bytes| replace(&path, &bytes, false));
    }

    /// Rewrites the snapshots of sessions, if possible.
    fn refresh(&self, stale: &[SessionId]) {
        if stale.is_empty() {
            return;
        }
        let Ok(locked) = self.lock(Access::Writes) else { return };
        for id in stale {
            if let Ok(Some((session, seq))) = self.folded(&locked, *id) {
                self.save_session(&session, seq);
            }
        }
    }
}

/// Reads a snapshot; an invalid one is ignored.
fn snapshot(path: &Path) -> Result<Option<Snapshot<Session>>, StoreError> {
    match read_at_once(path) {
        Ok(bytes) => Ok(serde_json::from_slice(&bytes).ok()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(StoreError::io("read a session", path, source)),
    }
}
