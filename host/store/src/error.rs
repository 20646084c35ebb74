//! Errors of the store.

use std::error::Error;
use std::io;
use std::path::{Path, PathBuf};

use codewalk_core::ids::{SessionId, StreamId};
use codewalk_core::state::lifecycle::IllegalTransition;

/// A store error. The store is unchanged.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another writer was faster.
    #[error(
        "cannot store version {version} of stream {stream}: the stream is at version {last}; \
         read it again and retry"
    )]
    Conflict {
        /// The stream.
        stream: StreamId,
        /// The version that should have been stored.
        version: u64,
        /// The last version of the stream; 0 if it is new.
        last: u64,
    },
    /// An event that is illegal in the current state of its session.
    #[error(
        "cannot store version {version} of session {session}: {source}; read the session again and retry"
    )]
    Illegal {
        /// The session.
        session: SessionId,
        /// The version that should have been stored.
        version: u64,
        /// The reason.
        source: IllegalTransition,
    },
    /// An entry outside the range that its reader reports.
    #[error(
        "cannot store the entry of run {entry_run} at byte {offset} with the output of run {run} up to byte \
         {next_offset} (session {session}); this is a bug in codewalk, please report it"
    )]
    Misplaced {
        /// The session.
        session: SessionId,
        /// The run that was read.
        run: u32,
        /// The offset up to which it was read, in bytes.
        next_offset: u64,
        /// The run of the entry.
        entry_run: u32,
        /// The offset at which the entry begins, in bytes.
        offset: u64,
    },
    /// No session matches.
    #[error("no session matches {text:?}; list sessions with: codewalk sessions list")]
    NoSession {
        /// The text that was searched for, shortened.
        text: String,
    },
    /// Several sessions match.
    #[error("{text:?} matches several sessions: {}; give more of the identifier", listed(.candidates))]
    Ambiguous {
        /// The text that was searched for, shortened.
        text: String,
        /// The newest matching sessions, newest first.
        candidates: Vec<SessionId>,
    },
    /// The store was written by a newer version of codewalk.
    #[error(
        "the store {path:?} was written by a newer codewalk (schema {found}; this version supports {known}): \
         update codewalk, or choose another folder with CODEWALK_HOME"
    )]
    NewerSchema {
        /// The file.
        path: PathBuf,
        /// Its schema.
        found: i64,
        /// The newest supported schema.
        known: i64,
    },
    /// Stored data cannot be read.
    #[error(
        "cannot read {what} in the store {path:?} ({}); nothing was changed: update codewalk if a newer \
         version wrote it, otherwise restore it from a backup, or move {unit:?} away and rebuild the \
         sessions: codewalk sessions rebuild",
        printable(.source.as_ref())
    )]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// The file or folder to move away as a whole.
        unit: PathBuf,
        /// The part that cannot be read.
        what: String,
        /// The cause.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The folder is used for something else.
    #[error(
        "the folder {path:?} is not a store: it contains {found:?}, but no store.json; \
         choose a new or empty folder"
    )]
    Foreign {
        /// The folder.
        path: PathBuf,
        /// A file in the folder.
        found: PathBuf,
    },
    /// The file system does not support a shared database.
    #[error(
        "the store {path:?} is on {file_system}, where a database is not safe with several processes: \
         use plain files (store = \"files:FOLDER\" in config.toml), or choose a folder on a local disk \
         with CODEWALK_HOME"
    )]
    UnsafeMedium {
        /// The file.
        path: PathBuf,
        /// The name of its file system.
        file_system: String,
    },
    /// An operation on a file or folder failed.
    #[error("cannot {action} in {path:?}: {trouble} ({})", printable(.source.as_ref()))]
    Io {
        /// The operation.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The problem, and its remedy.
        trouble: &'static str,
        /// The cause.
        source: Box<dyn Error + Send + Sync>,
    },
}

pub(crate) const FULL: &str = "the disk is full; free some space and try again";
const LIMITED: &str = "the file size limit has been reached; raise it (ulimit -f) and try again";
pub(crate) const READ_ONLY: &str =
    "it is read-only; make it writable, or choose another folder with CODEWALK_HOME, and try again";
pub(crate) const DENIED: &str =
    "permission denied; check the owner of the file and folder, or choose another folder with CODEWALK_HOME";
pub(crate) const BUSY: &str = "another process held the lock for too long; try again, or end that process";
pub(crate) const NO_SHARING: &str =
    "its file system does not support several processes; choose a folder on a local disk with CODEWALK_HOME";
pub(crate) const NO_LOCKS: &str =
    "its file system does not support locks; choose a folder on a local disk with CODEWALK_HOME";
pub(crate) const FAILED: &str = "the operation failed; check the folder and the disk";

/// Adds the failed operation to a system error.
pub(crate) trait OnPath<T> {
    /// Adds the operation and the file or folder.
    fn on(self, action: &'static str, path: &Path) -> Result<T, StoreError>;
}

impl<T, E: Into<io::Error>> OnPath<T> for Result<T, E> {
    fn on(self, action: &'static str, path: &Path) -> Result<T, StoreError> {
        self.map_err(|error| StoreError::io(action, path, error.into()))
    }
}

impl StoreError {
    /// Creates an error about a file or a folder.
    pub(crate) fn io(action: &'static str, path: &Path, source: io::Error) -> Self {
        let trouble = match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => FULL,
            io::ErrorKind::ReadOnlyFilesystem => READ_ONLY,
            io::ErrorKind::PermissionDenied => DENIED,
            io::ErrorKind::FileTooLarge => LIMITED,
            io::ErrorKind::Unsupported => NO_SHARING,
            _ if source.raw_os_error() == Some(rustix::io::Errno::NOLCK.raw_os_error()) => NO_LOCKS,
            _ => FAILED,
        };
        Self::Io { action, path: path.to_owned(), trouble, source: source.into() }
    }

    /// Creates an error about a lock that was held for too long.
    pub(crate) fn busy(path: &Path) -> Self {
        let source = "timed out waiting for the lock".into();
        Self::Io { action: "lock the store", path: path.to_owned(), trouble: BUSY, source }
    }

    /// Creates an error about a part of a file that cannot be read.
    pub(crate) fn corrupt(
        path: &Path,
        what: impl Into<String>,
        source: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        Self::corrupt_within(path, path, what, source)
    }

    /// Creates an error about a part of a file that is useless without the rest of `unit`.
    pub(crate) fn corrupt_within(
        unit: &Path,
        path: &Path,
        what: impl Into<String>,
        source: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        Self::Corrupt {
            path: path.to_owned(),
            unit: unit.to_owned(),
            what: what.into(),
            source: source.into(),
        }
    }
}

/// Returns the text of a cause, sanitized for a terminal, because it may quote stored data.
fn printable(source: &(dyn Error + Send + Sync)) -> String {
    let text = source.to_string();
    let printable = text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c });
    printable.take(200).collect()
}

fn listed(candidates: &[SessionId]) -> String {
    let ids: Vec<String> = candidates.iter().map(SessionId::to_string).collect();
    ids.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_a_file_system_without_locks() {
        let no_locks = io::Error::from_raw_os_error(rustix::io::Errno::NOLCK.raw_os_error());
        let said = StoreError::io("lock the store", Path::new("/x/lock"), no_locks).to_string();
        assert!(said.contains("does not support locks") && said.contains("CODEWALK_HOME"), "{said}");
    }
}
