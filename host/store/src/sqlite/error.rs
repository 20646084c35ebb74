//! Errors of the database.

use std::error::Error;
use std::path::Path;

use crate::StoreError;
use crate::error::{BUSY, DENIED, FAILED, FULL, NO_SHARING, OnPath, READ_ONLY};

const NO_ACCESS: &str =
    "cannot open it; check that the file and its folder exist, belong to you and are writable";

/// The failure of an operation, without the operation and the file.
pub(super) enum Failure {
    /// The database failed.
    Database(rusqlite::Error),
    /// Stored data cannot be read.
    Unreadable { what: String, source: Box<dyn Error + Send + Sync> },
    /// The operation was refused.
    Refused(StoreError),
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Refused(error)
    }
}

impl<T> OnPath<T> for Result<T, Failure> {
    fn on(self, action: &'static str, path: &Path) -> Result<T, StoreError> {
        self.map_err(|failure| failure.on(action, path))
    }
}

impl Failure {
    fn on(self, action: &'static str, path: &Path) -> StoreError {
        match self {
            Self::Database(source) => StoreError::database(action, path, source),
            Self::Unreadable { what, source } => StoreError::corrupt(path, what, source),
            Self::Refused(error) => error,
        }
    }
}

/// Adds the name of the decoded value to an error.
pub(super) trait Decoded<T> {
    /// Adds the name of the stored value.
    fn of(self, what: impl FnOnce() -> String) -> Result<T, Failure>;
}

impl<T, E: Into<Box<dyn Error + Send + Sync>>> Decoded<T> for Result<T, E> {
    fn of(self, what: impl FnOnce() -> String) -> Result<T, Failure> {
        self.map_err(|source| Failure::Unreadable { what: what(), source: source.into() })
    }
}

impl StoreError {
    /// Creates an error about a database that cannot use WAL, which needs memory shared between processes.
    pub(crate) fn no_wal(path: &Path, mode: &str) -> Self {
        Self::Io {
            action: "open the store",
            path: path.to_owned(),
            trouble: NO_SHARING,
            source: format!("SQLite's journal mode stays {mode:?}").into(),
        }
    }

    /// Creates an error about a database.
    pub(crate) fn database(action: &'static str, path: &Path, source: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;

        let trouble = match source.sqlite_error_code() {
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
                return Self::corrupt(path, "the database", source);
            }
            None if is_misfit(&source) => return Self::corrupt(path, "a value", source),
            Some(ErrorCode::DiskFull) => FULL,
            _ if has_no_room_to_share(&source) => FULL,
            Some(ErrorCode::ReadOnly) => READ_ONLY,
            Some(ErrorCode::PermissionDenied) => DENIED,
            Some(ErrorCode::CannotOpen) => NO_ACCESS,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => BUSY,
            _ => FAILED,
        };
        Self::Io { action, path: path.to_owned(), trouble, source: source.into() }
    }
}

impl StoreError {
    /// Returns whether the whole database is damaged or invalid, rather than a single value.
    #[must_use]
    pub fn is_damaged_database(&self) -> bool {
        let Self::Corrupt { source, .. } = self else { return false };
        let code = source.downcast_ref::<rusqlite::Error>().and_then(rusqlite::Error::sqlite_error_code);
        matches!(code, Some(rusqlite::ErrorCode::NotADatabase | rusqlite::ErrorCode::DatabaseCorrupt))
    }
}

/// Returns whether a value is one that codewalk never writes.
const fn is_misfit(error: &rusqlite::Error) -> bool {
    use rusqlite::Error;

    matches!(
        error,
        Error::FromSqlConversionFailure(..)
            | Error::IntegralValueOutOfRange(..)
            | Error::InvalidColumnType(..)
            | Error::Utf8Error(..)
    )
}

/// Returns whether there was no room for the shared memory file, which SQLite does not distinguish from other
/// disk errors.
fn has_no_room_to_share(error: &rusqlite::Error) -> bool {
    error.sqlite_error().is_some_and(|error| error.extended_code == rusqlite::ffi::SQLITE_IOERR_SHMSIZE)
}

#[cfg(test)]
mod tests {
    use rusqlite::ffi;

    use super::*;

    #[test]
    fn a_disk_without_room_for_shared_memory_is_full() {
        let said = |code| {
            let error = rusqlite::Error::SqliteFailure(ffi::Error::new(code), None);
            StoreError::database("open the store", Path::new("a.db"), error).to_string()
        };
        assert!(said(ffi::SQLITE_IOERR_SHMSIZE).contains("the disk is full"));
        assert!(said(ffi::SQLITE_FULL).contains("the disk is full"));
        assert!(!said(ffi::SQLITE_IOERR_READ).contains("the disk is full"));
    }
}
