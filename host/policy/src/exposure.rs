//! Checks whether other users could change a file that codewalk trusts. Like ssh, codewalk checks the file,
//! its folder and every folder above that.

use std::ffi::OsString;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path, PathBuf};

/// The group and others may write.
const OTHERS_WRITE: u32 = 0o022;
/// In such a folder, for example `/tmp`, only an entry's owner may remove or replace it.
const STICKY: u32 = 0o1000;
/// The owner that a user namespace shows for files from outside it, such as root's folders in a container.
const OVERFLOW_UID: u32 = 65534;

/// A file or folder that other users can change.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}; run: {}", self.what(), self.command())]
pub enum ExposureError {
    /// Its mode allows it.
    Writable {
        /// The file or folder.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// It belongs to another user.
    Foreign {
        /// The file or folder.
        path: PathBuf,
        /// Its owner.
        owner: u32,
        /// The owner it should have.
        own: u32,
    },
}

impl ExposureError {
    /// Returns the problem.
    #[must_use]
    pub fn what(&self) -> String {
        match self {
            Self::Writable { path, mode } => format!("others can write to {path:?} (mode {mode:03o})"),
            Self::Foreign { path, owner, .. } => {
                format!("{path:?} belongs to user {owner}, not to you or root")
            }
        }
    }

    /// Returns the command that fixes it.
    #[must_use]
    pub fn command(&self) -> String {
        match self {
            Self::Writable { path, .. } => format!("chmod go-w {path:?}"),
            Self::Foreign { path, own, .. } => format!("chown {own} {path:?}"),
        }
    }
}

/// How many links are followed on one path: as many as the system would follow.
const MAX_LINKS: usize = 40;

/// Checks that only this user and root can change the file at a path. If the file is missing, its folder is
/// checked. Each link along the way is checked like a file, because it decides where the rest of the path
/// leads.
///
/// # Errors
/// The first file or folder that another user can change, starting at the path itself.
pub fn check_exposure(path: &Path) -> Result<(), ExposureError> {
    let steps = steps(path);
    steps.iter().rev().try_for_each(|step| judge(&step.path, &step.metadata, step.is_above))
}

/// A folder, link or file that a path passes through.
struct Step {
    path: PathBuf,
    metadata: Metadata,
    /// Whether the path continues below it.
    is_above: bool,
}

/// Returns all steps of a path, up to the first missing one.
fn steps(path: &Path) -> Vec<Step> {
    let Ok(path) = std::path::absolute(path) else { return Vec::new() };
    let (mut at, mut links, mut steps) = (PathBuf::new(), 0, Vec::new());
    let mut ahead = reversed(&path);
    while let Some(part) = ahead.pop() {
        let next = match Path::new(&part).components().next() {
            Some(Component::RootDir) => PathBuf::from("/"),
            Some(Component::ParentDir) => {
                // Its folder is already a step.
                at.pop();
                continue;
            }
            Some(Component::Normal(name)) => at.join(name),
            _ => continue,
        };
        let Ok(metadata) = next.symlink_metadata() else { break };
        let target = metadata.is_symlink().then(|| next.read_link().ok()).flatten();
        match target {
            Some(target) => {
                links += 1;
                if links > MAX_LINKS {
                    break;
                }
                ahead.extend(reversed(&target));
            }
            None => at.clone_from(&next),
        }
        steps.push(Step { path: next, metadata, is_above: true });
    }
    // If the file is missing, the last step is a folder above it.
    if let Some(last) = steps.last_mut().filter(|_| path.exists()) {
        last.is_above = false;
    }
    steps
}

/// Returns the parts of a path in reverse order.
fn reversed(path: &Path) -> Vec<OsString> {
    path.components().rev().map(|part| part.as_os_str().to_owned()).collect()
}

fn judge(path: &Path, metadata: &Metadata, is_above: bool) -> Result<(), ExposureError> {
    let own = rustix::process::geteuid().as_raw();
    let (owner, mode) = (metadata.uid(), metadata.mode() & 0o7777);
    if owner != own && owner != 0 && !(is_above && owner == OVERFLOW_UID) {
        return Err(ExposureError::Foreign { path: path.to_owned(), owner, own });
    }
    if metadata.is_symlink() {
        // The mode of a link means nothing.
        return Ok(());
    }
    let is_kept_apart = is_above && mode & STICKY != 0;
    if mode & OTHERS_WRITE != 0 && !is_kept_apart {
        return Err(ExposureError::Writable { path: path.to_owned(), mode: mode & 0o777 });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn mode(path: &Path, mode: u32) {
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn a_file_is_exposed_if_others_can_write_anywhere_on_its_path() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path().canonicalize().unwrap();
        let (folder, file) = (root.join("a/b"), root.join("a/b/file"));
        fs::create_dir_all(&folder).unwrap();
        fs::write(&file, "").unwrap();
        mode(&root.join("a"), 0o755);
        mode(&folder, 0o755);
        mode(&file, 0o644);
        assert_eq!(check_exposure(&file), Ok(()));
        assert_eq!(check_exposure(&folder.join("not/there")), Ok(()));
        for (at, usual) in [(&file, 0o644), (&folder, 0o755), (&root.join("a"), 0o755)] {
            for wide in [usual | 0o020, usual | 0o002] {
                mode(at, wide);
                let exposed = ExposureError::Writable { path: at.clone(), mode: wide };
                assert_eq!(check_exposure(&file), Err(exposed), "{at:?} {wide:o}");
            }
            mode(at, usual);
        }
        mode(&folder, 0o777);
        let said = check_exposure(&folder.join("not-there")).unwrap_err().to_string();
        assert!(said.contains(&format!("chmod go-w {folder:?}")), "{said}");
        // As in `/tmp`, users cannot replace each other's files.
        mode(&folder, 0o1777);
        assert_eq!(check_exposure(&file), Ok(()));
    }

    #[test]
    fn a_link_is_as_exposed_as_its_folder_and_its_target() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path().canonicalize().unwrap();
        let (open, closed) = (root.join("open"), root.join("closed"));
        fs::create_dir(&open).unwrap();
        fs::create_dir(&closed).unwrap();
        mode(&closed, 0o755);
        for folder in [&open, &closed] {
            fs::write(folder.join("file"), "").unwrap();
            mode(&folder.join("file"), 0o644);
        }
        symlink(open.join("file"), closed.join("link")).unwrap();
        symlink(closed.join("file"), open.join("link")).unwrap();
        mode(&open, 0o777);
        for path in [closed.join("link"), open.join("link")] {
            let exposed = ExposureError::Writable { path: open.clone(), mode: 0o777 };
            assert_eq!(check_exposure(&path), Err(exposed), "{path:?}");
        }
    }

    #[test]
    fn a_link_in_the_middle_of_a_path_is_as_exposed_as_its_folder() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path().canonicalize().unwrap();
        let (open, closed) = (root.join("open"), root.join("closed"));
        for folder in [&open, &closed] {
            fs::create_dir(folder).unwrap();
            mode(folder, 0o755);
        }
        let file = closed.join("file");
        fs::write(&file, "").unwrap();
        mode(&file, 0o644);
        // first -> open/link -> closed/file, and whole -> open/folder/file -> closed/file.
        symlink(&file, open.join("link")).unwrap();
        symlink("../open/link", closed.join("first")).unwrap();
        symlink(&closed, open.join("folder")).unwrap();
        symlink(open.join("folder/file"), closed.join("whole")).unwrap();
        let paths = [closed.join("first"), closed.join("whole"), open.join("folder/not-there")];
        for path in &paths {
            assert_eq!(check_exposure(path), Ok(()), "{path:?}");
        }
        mode(&open, 0o777);
        for path in &paths {
            let exposed = ExposureError::Writable { path: open.clone(), mode: 0o777 };
            assert_eq!(check_exposure(path), Err(exposed), "{path:?}");
        }
    }

    #[test]
    fn circular_links_are_followed_only_as_far_as_the_system_does() {
        let root = tempfile::tempdir().unwrap();
        symlink(root.path().join("b"), root.path().join("a")).unwrap();
        symlink(root.path().join("a"), root.path().join("b")).unwrap();
        assert_eq!(check_exposure(&root.path().join("a")), Ok(()));
    }
}
