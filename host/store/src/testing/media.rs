//! Tools for tests with files, permissions and locks.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::StoreError;

/// Returns all files below a folder with their content.
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

/// Returns the problem that an error names.
pub fn trouble<T: std::fmt::Debug>(result: Result<T, StoreError>) -> &'static str {
    match result {
        Err(StoreError::Io { trouble, .. }) => trouble,
        other => panic!("{other:?}"),
    }
}

/// Runs `work` without root's privilege to ignore permissions.
#[cfg(target_os = "linux")]
pub fn unprivileged<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    use rustix::thread::{CapabilitySet, CapabilitySets, set_capabilities};

    let none = CapabilitySets {
        effective: CapabilitySet::empty(),
        permitted: CapabilitySet::empty(),
        inheritable: CapabilitySet::empty(),
    };
    // Capabilities are per thread.
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            set_capabilities(None, none).expect("giving up rights is allowed");
            work()
        });
        thread.join().expect("the work did not panic")
    })
}

/// Runs `work` without support for file locks, as on some remote file systems.
#[cfg(target_os = "linux")]
pub fn without_locks<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    let instruction = |code: u32, k: u32, (jt, jf): (u8, u8)| libc::sock_filter {
        code: u16::try_from(code).expect("codes are small"),
        jt,
        jf,
        k,
    };
    let load = |offset| instruction(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, offset, (0, 0));
    let jump = |value, to| instruction(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, value, to);
    let give = |value| instruction(libc::BPF_RET | libc::BPF_K, value, (0, 0));
    let mut filter = [
        // The number of the system call, then the lower half of its second argument.
        load(0),
        jump(libc::SYS_fcntl as u32, (0, 4)),
        load(24),
        jump(libc::F_SETLK as u32, (3, 0)),
        jump(libc::F_SETLKW as u32, (2, 0)),
        jump(libc::F_OFD_SETLK as u32, (1, 0)),
        give(libc::SECCOMP_RET_ALLOW),
        give(libc::SECCOMP_RET_ERRNO | libc::ENOLCK as u32),
    ];
    // Filters are per thread.
    std::thread::scope(|scope| {
        let thread = scope.spawn(move || {
            let program = libc::sock_fprog { len: 8, filter: filter.as_mut_ptr() };
            // SAFETY: the filter and its length belong together and outlive the call, which copies them.
            let set = unsafe {
                libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
                libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER, &raw const program)
            };
            assert_eq!(set, 0, "a thread may restrict itself");
            work()
        });
        thread.join().expect("the work did not panic")
    })
}
