//! The file `session.json` in the folder of a session: the fold of its events, so that a list of sessions reads none.
//!
//! It names the last event it goes up to. Where the commits tell of no such event of the session, where the events go
//! further, or where it is missing or unreadable, they are folded anew; it is never the truth, and so need not be synced.

use std::cmp::Ordering;
use std::fs;
use std::io;
use std::path::Path;

use codewalk_core::ids::SessionId;
use codewalk_core::session::Session;
use serde::{Deserialize, Serialize};

use super::opening::{Access, replace};
use super::streams::{EVENTS, SESSIONS, corrupt};
use super::{FileStore, Held};
use crate::StoreError;
use crate::private::read_at_once;
use crate::projection::refold;

const SNAPSHOT: &str = "session.json";

#[derive(Serialize, Deserialize)]
struct Snapshot<S> {
    /// The sequence number of the last event it goes up to.
    seq: u64,
    session: S,
}

/// Sessions that can be read, and why others cannot.
#[derive(Default)]
struct Listed {
    sessions: Vec<Session>,
    /// Those whose snapshots should be others.
    stale: Vec<SessionId>,
    problems: Vec<StoreError>,
}

/// A session, and what its snapshot should be where it is another one.
struct Loaded {
    session: Option<Session>,
    stale: bool,
}

impl FileStore {
    /// Returns the identifiers of the folders that may be those of sessions, in no order. What else somebody put there
    /// is none of ours.
    pub(super) fn session_ids(&self) -> Result<Vec<SessionId>, StoreError> {
        let path = self.root.join(SESSIONS);
        let failed = |source| StoreError::io("list the sessions", &path, source);
        let mut ids = Vec::new();
        for entry in fs::read_dir(&path).map_err(failed)? {
            let name = entry.map_err(failed)?.file_name();
            let id = name.to_str().and_then(|name| Some((name, name.parse::<SessionId>().ok()?)));
            // Written anew it is the same: capitals would be another folder.
            ids.extend(id.filter(|(name, id)| id.to_string() == *name).map(|(_, id)| id));
        }
        Ok(ids)
    }

    /// Returns all sessions that can be read, those that changed last first.
    pub(super) fn newest_sessions(&self) -> Result<Vec<Session>, StoreError> {
        let Listed { mut sessions, stale, problems } = self.listed()?;
        for error in problems {
            tracing::warn!(%error, "a session is left out");
        }
        self.refresh(&stale);
        sessions.sort_by_key(|session| std::cmp::Reverse((session.changed_at, session.id)));
        Ok(sessions)
    }

    /// Says why sessions cannot be read.
    pub(super) fn unreadable_sessions(&self) -> Result<Vec<StoreError>, StoreError> {
        Ok(self.listed()?.problems)
    }

    fn listed(&self) -> Result<Listed, StoreError> {
        let ids = self.session_ids()?;
        let held = self.hold(Access::Reads)?;
        let mut listed = Listed::default();
        for id in ids {
            match self.load(&held, id) {
                Ok(Loaded { session, stale }) => {
                    listed.stale.extend(session.as_ref().filter(|_| stale).map(|session| session.id));
                    listed.sessions.extend(session);
                }
                Err(error) if self.is_of_one(&error, id) => listed.problems.push(error),
                Err(error) => return Err(error),
            }
        }
        Ok(listed)
    }

    /// Returns whether a session is there, be it one that cannot be read.
    pub(super) fn is_there(&self, held: &Held<'_>, id: SessionId) -> Result<bool, StoreError> {
        match self.load(held, id) {
            Ok(loaded) => Ok(loaded.session.is_some()),
            Err(error) if self.is_of_one(&error, id) => Ok(true),
            Err(error) => Err(error),
        }
    }

    /// Returns whether an error says that a session cannot be read, and nothing of the whole store.
    fn is_of_one(&self, error: &StoreError, id: SessionId) -> bool {
        matches!(error, StoreError::Corrupt { path, .. } if path.starts_with(self.folder(id)))
    }

    /// Returns a session.
    pub(super) fn load_session(&self, held: &Held<'_>, id: SessionId) -> Result<Option<Session>, StoreError> {
        self.load(held, id).map(|loaded| loaded.session)
    }

    fn load(&self, held: &Held<'_>, id: SessionId) -> Result<Loaded, StoreError> {
        let folder = self.folder(id);
        let events = folder.join(EVENTS);
        let length = match fs::metadata(&events) {
            Ok(metadata) => metadata.len(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
            Err(source) => return Err(StoreError::io("read a session", &events, source)),
        };
        if let Some(Snapshot { seq, session }) = snapshot(&folder.join(SNAPSHOT))?
            && let Some(last) = held.commit(seq)?
            && (session.id, last.stream, last.version) == (id, id.into(), session.version)
        {
            match last.end.cmp(&length) {
                Ordering::Less => {}
                Ordering::Equal => return Ok(Loaded { session: Some(session), stale: false }),
                Ordering::Greater => {
                    let source = format!("it has {length} bytes and had {}", last.end);
                    return Err(corrupt(&events, "the end of the file", source));
                }
            }
        }
        let session = self.folded(held, id)?.map(|(session, _)| session);
        Ok(Loaded { session, stale: true })
    }

    /// Folds the events of a session anew; returns also the sequence number of the last one.
    fn folded(&self, held: &Held<'_>, id: SessionId) -> Result<Option<(Session, u64)>, StoreError> {
        let recorded = self.read_stream(held, id.into())?;
        let session = refold(&recorded).map_err(|(version, error)| {
            corrupt(&self.folder(id).join(EVENTS), format!("line {version}"), error)
        })?;
        Ok(session.zip(recorded.last().map(|last| last.seq)))
    }

    /// Keeps what a session is, given the sequence number of its last event. Where that fails it is folded anew when it
    /// is read.
    pub(super) fn save_session(&self, session: &Session, seq: u64) {
        let path = self.folder(session.id).join(SNAPSHOT);
        let bytes = serde_json::to_vec(&Snapshot { seq, session });
        let _ = bytes.map_err(io::Error::from).and_then(|bytes| replace(&path, &bytes, false));
    }

    /// Writes the snapshots of sessions anew, as far as that can be done.
    fn refresh(&self, stale: &[SessionId]) {
        if stale.is_empty() {
            return;
        }
        let Ok(held) = self.hold(Access::Writes) else { return };
        for id in stale {
            if let Ok(Some((session, seq))) = self.folded(&held, *id) {
                self.save_session(&session, seq);
            }
        }
    }
}

/// Reads a snapshot; one that makes no sense is none.
fn snapshot(path: &Path) -> Result<Option<Snapshot<Session>>, StoreError> {
    match read_at_once(path) {
        Ok(bytes) => Ok(serde_json::from_slice(&bytes).ok()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(StoreError::io("read a session", path, source)),
    }
}
