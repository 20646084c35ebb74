//! Announces what adapters may send, before they send it for the first time.

use std::fs::DirBuilder;
use std::io::{self, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

use codewalk_core::terminal_text::{single_line, visible_line};
use codewalk_sandbox::read_regular;
use tempfile::NamedTempFile;

use super::leaving;
use super::progress::Progress;
use crate::compose;
use crate::config::Config;
use crate::error::CommandError;

/// The file of announcements in the state folder, with one line for each grant.
const FILE: &str = "announced";
/// The maximum size of that file, in bytes.
const MAX_BYTES: u64 = 1024 * 1024;

/// Announces what each adapter of a chain may send, unless it was announced before. A changed grant counts as
/// new.
pub(super) fn announce(config: &Config, progress: Progress) -> Result<(), CommandError> {
    let registry = compose::registry(config).ok();
    let mut lines = Vec::new();
    for (port, spec) in compose::adapters(config)? {
        let grants = compose::grants(config, registry.as_ref(), &spec);
        lines.extend(grants.iter().map(|grant| single_line(&leaving::leaving(port, &spec.name, grant))));
    }
    if lines.is_empty() {
        return Ok(());
    }
    let known = read_regular(&config.paths.state.join(FILE), MAX_BYTES).unwrap_or_default();
    let mut announced = String::from_utf8(known).unwrap_or_default();
    let known = announced.len();
    for line in lines {
        if !announced.lines().any(|earlier| earlier == line) {
            progress.important(&visible_line(&line));
            announced.push_str(&line);
            announced.push('\n');
        }
    }
    if announced.len() == known {
        return Ok(());
    }
    // If this cannot be stored, it is announced again next time.
    if let Err(error) = keep(&config.paths.state, &announced) {
        tracing::warn!(%error, "cannot store the announcements");
    }
    Ok(())
}

/// Replaces the file, which only its owner can read.
fn keep(folder: &Path, announced: &str) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let mut file = NamedTempFile::new_in(folder)?;
    file.write_all(announced.as_bytes())?;
    file.persist(folder.join(FILE))?;
    Ok(())
}
