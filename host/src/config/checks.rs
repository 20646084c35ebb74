//! Errors about the configuration, and checks that several of its parts share.

use std::fmt::Display;
use std::path::Path;

use codewalk_core::terminal_text::has_unseen;
use codewalk_sandbox::check_exposure;

use crate::error::{CommandError, ErrorKind};

/// Creates an error about a configuration file.
pub(super) fn invalid(at: &Path, what: impl Display) -> CommandError {
    CommandError::new(ErrorKind::Configuration, format!("{}: {what}", at.display()))
}

/// Returns names as a human-readable list.
pub(super) fn listed<'a>(names: impl Iterator<Item = &'a String>) -> String {
    names.map(String::as_str).collect::<Vec<_>>().join(", ")
}

/// Rejects a name that is empty or contains invisible characters. `of` says what the name belongs to, e.g.
/// "an agent".
pub(super) fn check_name(at: &Path, of: &str, name: &str) -> Result<(), CommandError> {
    let problem = match name.trim().is_empty() {
        true => "is empty",
        false if has_unseen(name) => "contains invisible characters",
        false => return Ok(()),
    };
    Err(invalid(at, format!("the name {name:?} of {of} {problem}"))
        .with_hint("use a name of letters and digits"))
}

/// Rejects a file that other users can write to, because it determines which programs run and where data is
/// sent.
pub(super) fn check_exposed(path: &Path) -> Result<(), CommandError> {
    check_exposure(path)
        .map_err(|error| invalid(path, error.what()).with_hint(error.command()).with_source(error))
}
