//! Why a store did not do something. Nothing was changed then.

use std::error::Error;
use std::io;
use std::path::{Path, PathBuf};

use codewalk_core::ids::{SessionId, StreamId};
use codewalk_core::state::lifecycle::IllegalTransition;

/// Why a store did not do something. Nothing was changed then.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Someone else wrote to the stream first.
    #[error(
        "version {version} of stream {stream} cannot be kept: the stream stands at version {last}; read it again and decide anew"
    )]
    Conflict {
        /// The stream.
        stream: StreamId,
        /// The version that was to be kept.
        version: u64,
        /// The version the stream stands at; 0 where it is new.
        last: u64,
    },
    /// An event that the session cannot go through.
    #[error(
        "version {version} of session {session} cannot be kept: {source}; read the session again and decide anew"
    )]
    Illegal {
        /// The session.
        session: SessionId,
        /// The version that was to be kept.
        version: u64,
        /// What is wrong.
        source: IllegalTransition,
    },
    /// An entry that is no part of what its reader says to have read.
    #[error(
        "the entry of run {entry_run} at byte {offset} cannot be kept with what was read of run {run} up to byte {next_offset} (session {session}): its reader is at fault; please report it"
    )]
    Misplaced {
        /// The session.
        session: SessionId,
        /// The run that was read.
        run: u32,
        /// How far it was read.
        next_offset: u64,
        /// The run the entry belongs to.
        entry_run: u32,
        /// Where the entry begins.
        offset: u64,
    },
    /// No session is meant by this.
    #[error(
        "no session's identifier begins or ends with {text:?}, nor does the end that is shown begin with it; `codewalk sessions list` shows them"
    )]
    NoSession {
        /// What was asked for, shortened.
        text: String,
    },
    /// Several sessions are meant by this.
    #[error("{text:?} may be any of {}; give more of the identifier", listed(.candidates))]
    Ambiguous {
        /// What was asked for, shortened.
        text: String,
        /// The newest of the sessions it may mean, newest first.
        candidates: Vec<SessionId>,
    },
    /// The store was written by a newer codewalk.
    #[error(
        "the store {path:?} was written by a newer codewalk (schema {found}; this one knows {known}): update codewalk, or choose another folder with CODEWALK_HOME"
    )]
    NewerSchema {
        /// The file.
        path: PathBuf,
        /// Its schema.
        found: i64,
        /// The newest schema that is known.
        known: i64,
    },
    /// What is kept cannot be read.
    #[error(
        "{what} in the store {path:?} cannot be read ({}); nothing was changed: update codewalk if a newer one wrote it, else restore it from a backup, or move {unit:?} away and have the sessions read again: codewalk sessions rebuild",
        printable(.source.as_ref())
    )]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What makes sense only as a whole, and so is moved away as a whole: the file, or a folder around it.
        unit: PathBuf,
        /// What cannot be read.
        what: String,
        /// Why.
        source: Box<dyn Error + Send + Sync>,
    },
    /// Somebody uses the folder for something else.
    #[error(
        "the folder {path:?} is no store: there is {found:?} in it and no store.json; choose a new or an empty folder"
    )]
    Foreign {
        /// The folder.
        path: PathBuf,
        /// What lies there.
        found: PathBuf,
    },
    /// A database cannot be shared there.
    #[error(
        "the store {path:?} would lie on {file_system}, where a database that several processes use is not safe: use plain files, store = \"files:FOLDER\" in config.toml, or a folder on a local disk with CODEWALK_HOME"
    )]
    UnsafeMedium {
        /// The file.
        path: PathBuf,
        /// What its file system is called.
        file_system: String,
    },
    /// The medium failed.
    #[error("cannot {action} in {path:?}: {trouble} ({})", printable(.source.as_ref()))]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What is wrong and what to do about it.
        trouble: &'static str,
        /// What the system said.
        source: Box<dyn Error + Send + Sync>,
    },
}

pub(crate) const FULL: &str = "the disk is full; free some space and try again";
const LIMITED: &str =
    "the file may not grow further; raise the limit of file sizes (ulimit -f) and try again";
pub(crate) const READ_ONLY: &str =
    "it is read-only; make it writable, or choose another folder with CODEWALK_HOME, and try again";
pub(crate) const DENIED: &str =
    "permission denied; make the file and its folder yours, or choose another folder with CODEWALK_HOME";
pub(crate) const BUSY: &str = "another process kept it locked for too long; try again, or end that process";
pub(crate) const NO_SHARING: &str = "its file system cannot serve several processes at once; choose a folder on a local disk with CODEWALK_HOME";
pub(crate) const NO_LOCKS: &str =
    "its file system has no locks; choose a folder on a local disk with CODEWALK_HOME";
pub(crate) const FAILED: &str =
    "the system refused; check that the folder is what you want and the disk sound";

impl StoreError {
    /// Says what went wrong with a file or a folder.
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

    /// Says that others held a lock for too long.
    pub(crate) fn busy(path: &Path) -> Self {
        let source = "it waited in vain".into();
        Self::Io { action: "lock the store", path: path.to_owned(), trouble: BUSY, source }
    }

    /// Says what of a file cannot be read.
    pub(crate) fn corrupt(
        path: &Path,
        what: impl Into<String>,
        source: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        Self::corrupt_within(path, path, what, source)
    }

    /// Says what cannot be read of a file that makes sense only as part of `unit`.
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

/// Returns what a cause says, fit for a terminal: it may quote what is kept.
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
    fn a_file_system_without_locks_is_named_as_that() {
        let no_locks = io::Error::from_raw_os_error(rustix::io::Errno::NOLCK.raw_os_error());
        let said = StoreError::io("lock the store", Path::new("/x/lock"), no_locks).to_string();
        assert!(said.contains("has no locks") && said.contains("CODEWALK_HOME"), "{said}");
    }
}
