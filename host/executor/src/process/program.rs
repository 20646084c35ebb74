//! Finds programs.

use std::ffi::OsStr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Returns the absolute path of a program. A name is looked up on the `PATH`.
///
/// Relative entries of the `PATH` are skipped: agents start in the folder of the project, and its files are
/// not meant.
pub(crate) fn find(program: &str, path: Option<&OsStr>) -> Option<PathBuf> {
    if program.contains('/') {
        return std::path::absolute(program).ok().filter(|program| is_executable(program));
    }
    std::env::split_paths(path?)
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(program))
        .find(|program| is_executable(program))
}

fn is_executable(path: &Path) -> bool {
    path.metadata().is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_on_the_path_but_never_in_a_relative_folder_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("tool");
        std::fs::write(&program, "").unwrap();
        assert_eq!(find("tool", Some(folder.path().as_os_str())), None, "it is not executable");
        std::fs::set_permissions(&program, PermissionsExt::from_mode(0o755)).unwrap();
        assert_eq!(find("tool", Some(folder.path().as_os_str())), Some(program.clone()));
        assert_eq!(find(program.to_str().unwrap(), None), Some(program));
        assert_eq!(find("Cargo.toml", Some(OsStr::new(".:"))), None);
        assert!(find("sh", Some(OsStr::new(".:/bin"))).is_some());
        assert_eq!(find("", Some(folder.path().as_os_str())), None);
    }
}
