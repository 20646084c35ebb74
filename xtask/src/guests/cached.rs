//! Files that are rebuilt when their sources have changed.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use super::project::{GuestError, at};

/// Increase this if this program builds the same project differently.
const RECIPE: u32 = 1;
/// Folders that tools create in a project.
const LEFT_BEHIND: [&str; 3] = ["node_modules", ".venv", "__pycache__"];

/// Builds a file or folder, unless it has already been built completely from the same sources.
pub(super) fn make(
    output: &Path,
    sources: &[&Path],
    build: impl FnOnce() -> Result<(), GuestError>,
) -> Result<(), GuestError> {
    let mut hasher = DefaultHasher::new();
    RECIPE.hash(&mut hasher);
    sources.iter().try_for_each(|path| hash(path, &mut hasher))?;
    let digest = hasher.finish().to_string();

    let stamp = output.with_extension("made-of");
    if output.exists() && fs::read_to_string(&stamp).is_ok_and(|stamped| stamped == digest) {
        return Ok(());
    }
    let folder = output.parent().unwrap_or(output);
    fs::create_dir_all(folder).map_err(at(folder))?;
    // Even a failed build invalidates the earlier one.
    fs::write(&stamp, "").map_err(at(&stamp))?;
    build()?;
    fs::write(&stamp, digest).map_err(at(&stamp))
}

fn hash(path: &Path, hasher: &mut DefaultHasher) -> Result<(), GuestError> {
    path.hash(hasher);
    if !path.is_dir() {
        fs::read(path).map_err(at(path))?.hash(hasher);
        return Ok(());
    }
    let entries = fs::read_dir(path).and_then(Iterator::collect::<Result<Vec<_>, _>>).map_err(at(path))?;
    let mut entries: Vec<PathBuf> = entries.iter().map(fs::DirEntry::path).collect();
    entries.sort();
    let mut own = entries.iter().filter(|entry| !LEFT_BEHIND.iter().any(|left| entry.ends_with(left)));
    own.try_for_each(|entry| hash(entry, hasher))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_source_or_a_failed_build_builds_again() {
        let folder = tempfile::tempdir().unwrap();
        let (output, source) = (folder.path().join("work/output"), folder.path().join("source"));
        let build = |succeeds: bool| {
            let mut has_begun = false;
            let result = make(&output, &[&source], || {
                has_begun = true;
                fs::write(&output, "output").map_err(at(&output))?;
                let failed = || GuestError::Project { dir: source.clone(), problem: "failed".to_owned() };
                succeeds.then_some(()).ok_or_else(failed)
            });
            (has_begun, result.is_ok())
        };
        fs::create_dir_all(source.join("node_modules")).unwrap();
        fs::write(source.join("main.js"), "one").unwrap();
        assert_eq!(build(true), (true, true));
        fs::write(source.join("node_modules/left.js"), "behind").unwrap();
        assert_eq!(build(true), (false, true), "no source changed");

        fs::write(source.join("main.js"), "two").unwrap();
        assert_eq!(build(false), (true, false));
        fs::write(source.join("main.js"), "one").unwrap();
        assert_eq!(build(true), (true, true), "the failed build replaced the output");
        fs::remove_file(&output).unwrap();
        assert_eq!(build(true), (true, true));
    }
}
