//! The folder of a project, and how paths in it are shown.

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Component, Path, PathBuf};

use rustix::fs::OFlags;

/// Larger files are not compared. In bytes.
const MAX_TEXT: u64 = 1024 * 1024;

/// The folder of a project.
#[derive(Clone, Debug)]
pub(crate) struct Project {
    /// The path in the configuration.
    given: PathBuf,
    /// The path without symbolic links, as agents report it.
    real: PathBuf,
    /// The folder that agents call `~`.
    home: Option<PathBuf>,
}

impl Project {
    /// Opens an existing folder.
    pub(crate) fn open(path: &Path) -> std::io::Result<Self> {
        let real = path.canonicalize()?;
        if !real.is_dir() {
            return Err(std::io::ErrorKind::NotADirectory.into());
        }
        Ok(Self { given: path.to_owned(), real, home: std::env::home_dir() })
    }

    /// Takes the folder of an earlier run, which may be gone.
    pub(crate) fn of_run(path: &Path) -> Self {
        Self { given: path.to_owned(), real: path.to_owned(), home: std::env::home_dir() }
    }

    /// Replaces the folder that agents call `~`.
    #[cfg(test)]
    pub(crate) fn at_home(mut self, home: &Path) -> Self {
        self.home = Some(home.to_owned());
        self
    }

    /// Returns its path without symbolic links.
    pub(crate) fn path(&self) -> &Path {
        &self.real
    }

    /// Returns whether a path is in the project after symbolic links are followed.
    pub(crate) fn holds(&self, path: &str) -> bool {
        let path = self.full(path);
        if path.components().any(|part| part == Component::ParentDir) {
            return false;
        }
        match path.ancestors().find_map(|ancestor| ancestor.canonicalize().ok()) {
            // The project was removed or moved: judge by the path alone.
            Some(real) if self.real.exists() => real.starts_with(&self.real),
            _ => path.starts_with(&self.real) || path.starts_with(&self.given),
        }
    }

    /// Returns whether a path exists.
    pub(crate) fn has(&self, path: &str) -> bool {
        self.full(path).symlink_metadata().is_ok()
    }

    /// Returns the size of a file in bytes, or `None` if it is not a file.
    pub(crate) fn size_of(&self, path: &str) -> Option<u64> {
        let file = self.full(path).metadata().ok()?;
        file.is_file().then_some(file.len())
    }

    /// Returns the text of a file in the project. `None` if it is not text, too large, or a link.
    pub(crate) fn text_of(&self, path: &str) -> Option<String> {
        if !self.holds(path) {
            return None;
        }
        // Do not wait for a FIFO.
        let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
        let path = self.full(path);
        let file = File::options().read(true).custom_flags(flags.bits().cast_signed()).open(path).ok()?;
        if !file.metadata().is_ok_and(|file| file.is_file() && file.len() <= MAX_TEXT) {
            return None;
        }
        let mut bytes = Vec::new();
        file.take(MAX_TEXT + 1).read_to_end(&mut bytes).ok()?;
        let is_whole = bytes.len() as u64 <= MAX_TEXT && !bytes.contains(&0);
        String::from_utf8(bytes).ok().filter(|_| is_whole)
    }

    /// Returns the absolute path. Agents take `~` at its start for a home directory.
    fn full(&self, path: &str) -> PathBuf {
        let Some(rest) = path.strip_prefix('~') else { return self.real.join(path) };
        match (&self.home, rest.strip_prefix('/'), rest) {
            (Some(home), Some(rest), _) => home.join(rest.trim_start_matches('/')),
            (Some(home), None, "") => home.clone(),
            // The home directory of another user, or an unknown one.
            _ => Path::new("/").join(path),
        }
    }

    /// Returns a path as it is shown: relative if it is in the project.
    pub(crate) fn name<'a>(&self, path: &'a str) -> &'a str {
        let as_path = Path::new(path);
        if as_path.components().any(|part| part == Component::ParentDir) {
            return path;
        }
        [&self.real, &self.given]
            .into_iter()
            .find_map(|root| as_path.strip_prefix(root).ok())
            .and_then(Path::to_str)
            .filter(|relative| !relative.is_empty())
            .unwrap_or(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_that_leads_out_of_the_project_is_outside_of_it() {
        let (folder, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let root = folder.path().canonicalize().unwrap();
        std::os::unix::fs::symlink(outside.path(), root.join("link")).unwrap();
        std::fs::create_dir(root.join("src")).unwrap();
        let project = Project::open(&root).unwrap();
        for (path, holds) in [
            ("src/new.rs", true),
            ("new/deep/a.rs", true),
            ("link/a.rs", false),
            ("../x", false),
            ("/etc/passwd", false),
        ] {
            assert_eq!(project.holds(path), holds, "{path}");
            assert_eq!(project.holds(&root.join(path).to_string_lossy()), holds, "{path}");
        }
    }

    #[test]
    fn only_paths_in_the_project_are_shown_relative() {
        let project =
            Project { given: PathBuf::from("/link"), real: PathBuf::from("/home/me/shop"), home: None };
        for (path, name) in [
            ("/home/me/shop/src/a.rs", "src/a.rs"),
            ("/link/a.rs", "a.rs"),
            ("/home/me/shop", "/home/me/shop"),
            ("/home/me/shopping/a.rs", "/home/me/shopping/a.rs"),
            ("/home/me/shop/../.bashrc", "/home/me/shop/../.bashrc"),
            ("/etc/passwd", "/etc/passwd"),
            ("relative", "relative"),
        ] {
            assert_eq!(project.name(path), name);
        }
    }
}
