//! Whether others could change a file that codewalk trusts. As ssh does with its files, codewalk refuses one that it would have
//! to take somebody else's word for: the file, the folder it lies in, and every folder above.

use std::fs::Metadata;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

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

/// Checks that nobody but this user and root can change what lies at a path. What is not there is not judged; the folder where it
/// would lie is.
///
/// # Errors
/// Where somebody can: the first such file or folder, beginning with the one at the path.
pub fn check_exposure(path: &Path) -> Result<(), Exposed> {
    // Where it is a link, both what it leads to and the place of the link itself count.
    let folder = path.parent().map(|folder| (folder, true));
    for (start, is_above) in [Some((path, !path.exists())), folder].into_iter().flatten() {
        let Ok(real) = existing(start) else { continue };
        for (depth, at) in real.ancestors().enumerate() {
            let Ok(metadata) = at.symlink_metadata() else { continue };
            judge(at, &metadata, is_above || depth > 0)?;
        }
    }
    Ok(())
}

/// Returns the nearest of a path and the folders above it that is there, without links.
fn existing(path: &Path) -> io::Result<PathBuf> {
    let mut found = path.canonicalize();
    let mut above = path.parent();
    while let (Err(_), Some(parent)) = (&found, above) {
        found = parent.canonicalize();
        above = parent.parent();
    }
    found
}

fn judge(path: &Path, metadata: &Metadata, is_above: bool) -> Result<(), Exposed> {
    let own = rustix::process::geteuid().as_raw();
    let (owner, mode) = (metadata.uid(), metadata.mode() & 0o7777);
    if owner != own && owner != 0 && !(is_above && owner == OVERFLOW_UID) {
        return Err(Exposed::Foreign { path: path.to_owned(), owner, own });
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
}
