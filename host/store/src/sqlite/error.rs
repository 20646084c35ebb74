//! What SQLite's errors mean.

use std::path::Path;

use crate::StoreError;
use crate::error::{BUSY, DENIED, FAILED, FULL, NO_SHARING, READ_ONLY};

const NO_ACCESS: &str =
    "it cannot be opened; check that it and its folder are there, are yours and may be written";

impl StoreError {
    /// Says that a database cannot be switched to WAL, which needs memory shared between processes.
    pub(crate) fn no_wal(path: &Path, mode: &str) -> Self {
        Self::Io {
            action: "open the store",
            path: path.to_owned(),
            trouble: NO_SHARING,
            source: format!("SQLite's journal mode stays {mode:?}").into(),
        }
    }

    /// Says what went wrong with a database.
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
    /// Returns whether it is a database that is damaged, or none, rather than a single thing in it.
    #[must_use]
    pub fn is_damaged_database(&self) -> bool {
        let Self::Corrupt { source, .. } = self else { return false };
        let code = source.downcast_ref::<rusqlite::Error>().and_then(rusqlite::Error::sqlite_error_code);
        matches!(code, Some(rusqlite::ErrorCode::NotADatabase | rusqlite::ErrorCode::DatabaseCorrupt))
    }
}

/// Returns whether a value is none that codewalk writes there.
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

/// Returns whether the file beside the database that its processes share could not be made larger, which SQLite does not tell
/// from other failures of the disk.
fn has_no_room_to_share(error: &rusqlite::Error) -> bool {
    error.sqlite_error().is_some_and(|error| error.extended_code == rusqlite::ffi::SQLITE_IOERR_SHMSIZE)
}

#[cfg(test)]
mod tests {
    use rusqlite::ffi;

    use super::*;

    #[test]
    fn a_disk_without_room_for_what_processes_share_is_full() {
        let said = |code| {
            let error = rusqlite::Error::SqliteFailure(ffi::Error::new(code), None);
            StoreError::database("open the store", Path::new("a.db"), error).to_string()
        };
        assert!(said(ffi::SQLITE_IOERR_SHMSIZE).contains("the disk is full"));
        assert!(said(ffi::SQLITE_FULL).contains("the disk is full"));
        assert!(!said(ffi::SQLITE_IOERR_READ).contains("the disk is full"));
    }
}
