//! The location of the store: the key `store`.

use std::path::PathBuf;

use super::checks::invalid;
use super::paths::Paths;
use crate::error::CommandError;

/// The location and the format of the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StorePlace {
    /// In one SQLite file.
    Sqlite(PathBuf),
    /// In a folder of plain files.
    Files(PathBuf),
}

impl StorePlace {
    /// Parses the setting, e.g. `files:~/codewalk`; the default is the SQLite file.
    pub(super) fn configured(paths: &Paths, text: Option<&str>) -> Result<Self, CommandError> {
        let Some(text) = text else {
            return Ok(Self::Sqlite(paths.database()));
        };
        let resolved = |path| paths.config_folder().join(paths.expanded(path));
        match text.split_once(':') {
            Some(("sqlite", path)) if !path.is_empty() => Ok(Self::Sqlite(resolved(path))),
            Some(("files", path)) if !path.is_empty() => Ok(Self::Files(resolved(path))),
            _ => Err(invalid(&paths.config_file, format!("store = {text:?} is not a valid store location"))
                .with_hint("write \"files:FOLDER\" or \"sqlite:FILE\", or remove the key")),
        }
    }
}
