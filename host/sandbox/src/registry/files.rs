//! Writes files completely or not at all.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use codewalk_policy::{private_folder, read_regular};
use serde::Serialize;
use tempfile::{Builder, NamedTempFile};

use crate::error::RegistryError;

/// The prefix of incomplete files.
pub(super) const HALF_WRITTEN: &str = ".half-";

/// Writes a file through a temporary one in the folder `beside`, so that it survives a power failure.
pub(super) fn write(beside: &Path, path: &Path, bytes: &[u8]) -> Result<(), RegistryError> {
    let file = half_written(beside, bytes).on("write", path)?;
    file.as_file().sync_all().on("write", path)?;
    file.persist(path).on("write", path)?;
    sync(path.parent().unwrap_or(beside))
}

/// Writes a file that may get lost, but is never incomplete.
pub(super) fn write_unsynced(beside: &Path, path: &Path, bytes: &[u8]) -> Result<(), RegistryError> {
    let file = half_written(beside, bytes).on("write", path)?;
    file.persist(path).on("write", path)?;
    Ok(())
}

/// Creates a folder that only its owner can use, if it is missing.
pub(super) fn make_folder(folder: &Path) -> Result<(), RegistryError> {
    private_folder(folder).on("open", folder)
}

fn half_written(beside: &Path, bytes: &[u8]) -> io::Result<NamedTempFile> {
    let mut file = Builder::new().prefix(HALF_WRITTEN).tempfile_in(beside)?;
    file.write_all(bytes)?;
    Ok(file)
}

/// Syncs the entries of a folder.
pub(super) fn sync(folder: &Path) -> Result<(), RegistryError> {
    File::open(folder).and_then(|folder| folder.sync_all()).on("write", folder)
}

/// Removes a file. Returns whether it existed.
pub(super) fn remove(path: &Path) -> Result<bool, RegistryError> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error).on("remove", path),
    }
}

/// Removes a folder and its contents, if it exists.
pub(super) fn clear(folder: &Path) -> Result<(), RegistryError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error).on("remove", folder),
        _ => Ok(()),
    }
}

/// Reads a regular file of at most `max` bytes, if it exists.
pub(super) fn read(path: &Path, max: u64) -> Result<Option<Vec<u8>>, RegistryError> {
    match read_regular(path, max) {
        Ok(bytes) if bytes.len() as u64 > max => Err(RegistryError::Foreign {
            path: path.to_owned(),
            reason: format!("it has more than {max} bytes"),
        }),
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).on("read", path),
    }
}

pub(super) fn json(value: &impl Serialize, path: &Path) -> Result<Vec<u8>, RegistryError> {
    serde_json::to_vec_pretty(value).on("write", path)
}

/// Adds the failed operation to a system error.
pub(super) trait OnPath<T> {
    /// Adds the operation and the path.
    fn on(self, doing: &'static str, path: &Path) -> Result<T, RegistryError>;
}

impl<T, E: Into<io::Error>> OnPath<T> for Result<T, E> {
    fn on(self, doing: &'static str, path: &Path) -> Result<T, RegistryError> {
        self.map_err(|error| RegistryError::File { doing, path: path.to_owned(), error: error.into() })
    }
}
