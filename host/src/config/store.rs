//! Where the store is: the key `store`.

use std::path::PathBuf;

use super::{Paths, wrong};
use crate::error::CommandError;

/// Where the store is, and in which form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StorePlace {
    /// In one SQLite file.
    Sqlite(PathBuf),
    /// In a folder of plain files.
    Files(PathBuf),
}

impl StorePlace {
    /// Reads what is configured, e.g. `files:~/codewalk`; nothing is the SQLite file among the other files.
    pub(super) fn configured(paths: &Paths, text: Option<&str>) -> Result<Self, CommandError> {
        let Some(text) = text else {
            return Ok(Self::Sqlite(paths.database()));
        };
        let resolved = |path| paths.config_folder().join(paths.expanded(path));
        match text.split_once(':') {
            Some(("sqlite", path)) if !path.is_empty() => Ok(Self::Sqlite(resolved(path))),
            Some(("files", path)) if !path.is_empty() => Ok(Self::Files(resolved(path))),
            _ => Err(wrong(&paths.config_file, format!("store = {text:?} names no place for a store"))
                .with_hint("write \"files:FOLDER\" or \"sqlite:FILE\", or leave the key out")),
        }
    }
}
