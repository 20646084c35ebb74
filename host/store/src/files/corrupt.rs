//! Errors about files that cannot be read.

use std::error::Error;
use std::path::Path;

use super::layout::{COMMITS, EVENTS, MARK};
use crate::StoreError;

/// Returns the error for a part of a file that cannot be read.
///
/// The fold of a session is useless without all its events, and so is a store without its commits or its
/// schema file. In these cases, the whole folder has to be moved away.
pub(super) fn corrupt(
    path: &Path,
    what: impl Into<String>,
    source: impl Into<Box<dyn Error + Send + Sync>>,
) -> StoreError {
    let is_part = [EVENTS, COMMITS, MARK].iter().any(|name| path.ends_with(name));
    let unit = path.parent().filter(|_| is_part).unwrap_or(path);
    StoreError::corrupt_within(unit, path, what, source)
}
