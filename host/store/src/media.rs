//! Files and rights to test with.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::StoreError;

/// Returns what lies in a folder and in those below it, with its content.
pub fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(self::files(&path));
        } else {
            files.push((path.clone(), fs::read(path).unwrap()));
        }
    }
    files.sort();
    files
}

pub fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

pub fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// Returns what is wrong with the medium, in words.
pub fn trouble<T: std::fmt::Debug>(result: Result<T, StoreError>) -> &'static str {
    match result {
        Err(StoreError::Io { trouble, .. }) => trouble,
        other => panic!("{other:?}"),
    }
}

/// Runs something without root's right to write where it may not.
#[cfg(target_os = "linux")]
pub fn unprivileged<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    use rustix::thread::{CapabilitySet, CapabilitySets, set_capabilities};

    let none = CapabilitySets {
        effective: CapabilitySet::empty(),
        permitted: CapabilitySet::empty(),
        inheritable: CapabilitySet::empty(),
    };
    // Capabilities belong to a thread and end with it.
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            set_capabilities(None, none).expect("giving up rights is allowed");
            work()
        });
        thread.join().expect("the work did not panic")
    })
}
