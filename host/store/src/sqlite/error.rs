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
            Some(ErrorCode::ReadOnly) => READ_ONLY,
            Some(ErrorCode::PermissionDenied) => DENIED,
            Some(ErrorCode::CannotOpen) => NO_ACCESS,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => BUSY,
            _ => FAILED,
        };
        Self::Io { action, path: path.to_owned(), trouble, source: source.into() }
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
