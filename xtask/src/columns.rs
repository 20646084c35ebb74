//! Checks the length of lines in Rust files.

use std::path::{Path, PathBuf};

use crate::process;

/// The maximum length of a line, in columns. rustfmt and editors use the same.
const MAX_COLUMNS: usize = 110;

/// Why a file's lines fail the check.
#[derive(Debug, thiserror::Error)]
pub enum ColumnsError {
    /// Lines are too long.
    #[error("lines of more than {MAX_COLUMNS} columns:\n  {}", .0.join("\n  "))]
    TooLong(Vec<String>),
    /// Git cannot list the files.
    #[error(transparent)]
    Git(#[from] process::ProcessError),
    /// A file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read { path: PathBuf, source: std::io::Error },
}

/// Checks every Rust file that git knows.
pub fn check(root: &Path) -> Result<(), ColumnsError> {
    let mut git = std::process::Command::new("git");
    git.args(["ls-files", "--cached", "--others", "--exclude-standard", "--", "*.rs"]).current_dir(root);
    let mut long = Vec::new();
    for file in process::output(&mut git)?.lines() {
        let path = root.join(file);
        // Git still lists files that were deleted but not committed.
        if !path.exists() {
            continue;
        }
        let text = std::fs::read_to_string(&path).map_err(|source| ColumnsError::Read { path, source })?;
        long.extend(too_long(&text).map(|(line, columns)| format!("{file}:{line}: {columns}")));
    }
    if long.is_empty() { Ok(()) } else { Err(ColumnsError::TooLong(long)) }
}

/// Returns the lines that are too long, by number and length.
fn too_long(text: &str) -> impl Iterator<Item = (usize, usize)> {
    let lines = text.lines().enumerate().map(|(index, line)| (index + 1, line.chars().count()));
    lines.filter(|(_, columns)| *columns > MAX_COLUMNS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_measured_in_characters() {
        let (fits, long) = ("é".repeat(MAX_COLUMNS), "x".repeat(MAX_COLUMNS + 1));
        let found: Vec<_> = too_long(&format!("{fits}\n{long}\nshort")).collect();
        assert_eq!(found, [(2, MAX_COLUMNS + 1)]);
    }
}
