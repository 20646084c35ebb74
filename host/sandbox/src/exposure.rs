//! Whether others could change a file that codewalk trusts. As ssh does with its files, codewalk refuses one that it would have
//! to take somebody else's word for: the file, the folder it lies in, and every folder above.

use std::ffi::OsString;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path, PathBuf};

/// Group and others may write.
const OTHERS_WRITE: u32 = 0o022;
/// In such a folder only the owner of an entry may remove or replace it, as in `/tmp`.
const STICKY: u32 = 0o1000;
/// How a user namespace shows the owner of what lies outside of it, as root's folders do in a container.
const OVERFLOW_UID: u32 = 65534;

/// A file or folder that others can change.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}; run: {}", self.what(), self.command())]
pub enum Exposed {
    /// Its mode allows it.
    Writable {
        /// Which it is.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// It is somebody else's.
    Foreign {
        /// Which it is.
        path: PathBuf,
        /// Whose it is.
        owner: u32,
        /// Whose it should be.
        own: u32,
    },
}

impl Exposed {
    /// Says what is wrong.
    #[must_use]
    pub fn what(&self) -> String {
        match self {
            Self::Writable { path, mode } => format!("others can write to {path:?} (mode {mode:03o})"),
            Self::Foreign { path, owner, .. } => {
                format!("{path:?} belongs to the user with the number {owner}, neither to you nor to root")
            }
        }
    }

    /// Returns the command that mends it.
    #[must_use]
    pub fn command(&self) -> String {
        match self {
            Self::Writable { path, .. } => format!("chmod go-w {path:?}"),
            Self::Foreign { path, own, .. } => format!("chown {own} {path:?}"),
        }
    }
}

/// How many links are followed on one path, as by the system.
const MAX_LINKS: usize = 40;

/// Checks that nobody but this user and root can change what lies at a path. What is not there is not judged; the folder where it
/// would lie is. Each link on the way is judged like a file: it and its folder decide what the rest of the path means.
///
/// # Errors
/// Where somebody can: the first such file or folder, beginning with the one at the path.
pub fn check_exposure(path: &Path) -> Result<(), Exposed> {
    let steps = steps(path);
    steps.iter().rev().try_for_each(|step| judge(&step.path, &step.metadata, step.is_above))
}

/// A folder, link or file that is passed on the way to what a path names.
struct Step {
    path: PathBuf,
    metadata: Metadata,
    /// Whether more follows below it.
    is_above: bool,
}

/// Returns all that is passed on the way along a path, up to what is not there.
fn steps(path: &Path) -> Vec<Step> {
    let Ok(path) = std::path::absolute(path) else { return Vec::new() };
    let (mut at, mut links, mut steps) = (PathBuf::new(), 0, Vec::new());
    let mut ahead = reversed(&path);
    while let Some(part) = ahead.pop() {
        let next = match Path::new(&part).components().next() {
            Some(Component::RootDir) => PathBuf::from("/"),
            Some(Component::ParentDir) => {
                // Its folder was passed before.
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
    // Where something is missing, what was found last lies above it.
    if let Some(last) = steps.last_mut().filter(|_| path.exists()) {
        last.is_above = false;
    }
    steps
}

/// Returns the parts of a path, the first one last.
fn reversed(path: &Path) -> Vec<OsString> {
    path.components().rev().map(|part| part.as_os_str().to_owned()).collect()
}

fn judge(path: &Path, metadata: &Metadata, is_above: bool) -> Result<(), Exposed> {
    let own = rustix::process::geteuid().as_raw();
    let (owner, mode) = (metadata.uid(), metadata.mode() & 0o7777);
    if owner != own && owner != 0 && !(is_above && owner == OVERFLOW_UID) {
        return Err(Exposed::Foreign { path: path.to_owned(), owner, own });
    }
    if metadata.is_symlink() {
        // Its mode says nothing.
        return Ok(());
    }
    let is_kept_apart = is_above && mode & STICKY != 0;
    if mode & OTHERS_WRITE != 0 && !is_kept_apart {
        return Err(Exposed::Writable { path: path.to_owned(), mode: mode & 0o777 });
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
    fn what_others_can_write_to_is_exposed_wherever_on_its_path_they_can() {
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
                let exposed = Exposed::Writable { path: at.clone(), mode: wide };
                assert_eq!(check_exposure(&file), Err(exposed), "{at:?} {wide:o}");
            }
            mode(at, usual);
        }
        mode(&folder, 0o777);
        let said = check_exposure(&folder.join("not-there")).unwrap_err().to_string();
        assert!(said.contains(&format!("chmod go-w {folder:?}")), "{said}");
        // As in /tmp, nobody can replace what is another's.
        mode(&folder, 0o1777);
        assert_eq!(check_exposure(&file), Ok(()));
    }

    #[test]
    fn a_link_is_as_exposed_as_its_own_folder_and_as_what_it_leads_to() {
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
            let exposed = Exposed::Writable { path: open.clone(), mode: 0o777 };
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
            let exposed = Exposed::Writable { path: open.clone(), mode: 0o777 };
            assert_eq!(check_exposure(path), Err(exposed), "{path:?}");
        }
    }

    #[test]
    fn links_that_lead_in_a_circle_are_followed_no_further_than_the_system_does() {
        let root = tempfile::tempdir().unwrap();
        symlink(root.path().join("b"), root.path().join("a")).unwrap();
        symlink(root.path().join("a"), root.path().join("b")).unwrap();
        assert_eq!(check_exposure(&root.path().join("a")), Ok(()));
    }
}
