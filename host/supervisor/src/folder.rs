//! Opens, reads and writes the files of a run folder.
//!
//! An agent can write here, so nothing follows links, and nothing waits for the other end of a FIFO.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{AtFlags, FileType, Mode, OFlags};
use rustix::io::Errno;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// How to run the agent. Written by the host.
pub const LAUNCH: &str = "launch.json";
/// Locked by the supervisor while it lives.
pub const LOCK: &str = "lock";
/// Messages to the agent. Appended by the host.
pub const TOLD: &str = "told";
/// Messages to the supervisor. Appended by the host.
pub const CONTROL: &str = "control";
/// A FIFO that wakes the supervisor.
pub const BELL: &str = "bell";
/// The calls whose messages were delivered. Appended by the supervisor.
pub const DELIVERED: &str = "delivered";
/// The standard output of the agent. Appended by the supervisor.
pub const STDOUT: &str = "stdout";
/// The standard error of the agent. Appended by the supervisor.
pub const STDERR: &str = "stderr";
/// The processes of the run. Written by the supervisor.
pub const META: &str = "meta.json";
/// How the run ended. Written by the supervisor.
pub const EXIT: &str = "exit";
/// The processes that outlived the agent. Written by the supervisor.
pub const LEFT: &str = "left";

/// Larger than any record.
const MAX_RECORD: u64 = 4 * 1024 * 1024;
/// The room for the record of an exit, in bytes: more than it takes.
const RESERVED: usize = 4096;

/// An open run folder. It stays the same folder if it is renamed.
#[derive(Debug)]
pub(crate) struct Folder {
    fd: OwnedFd,
}

impl Folder {
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        Ok(Self { fd: rustix::fs::open(path, flags, Mode::empty())? })
    }

    /// Opens a regular file of this user.
    pub(crate) fn file(&self, name: &str, flags: OFlags) -> io::Result<File> {
        let file = self.open_at(name, flags)?;
        only_own(&file, FileType::RegularFile)?;
        Ok(file)
    }

    pub(crate) fn create_file(&self, name: &str) -> io::Result<File> {
        self.open_at(name, OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL)
    }

    /// Opens the bell. Fails with `ENXIO` for writing if it has no reader.
    pub(crate) fn bell(&self, flags: OFlags) -> io::Result<File> {
        let file = self.open_at(BELL, flags)?;
        only_own(&file, FileType::Fifo)?;
        Ok(file)
    }

    /// Reads a record, or returns `None` if it does not exist.
    pub(crate) fn read<T: DeserializeOwned>(&self, name: &str) -> io::Result<Option<T>> {
        match self.bytes(name)? {
            Some(bytes) => Ok(Some(serde_json::from_slice(&bytes)?)),
            None => Ok(None),
        }
    }

    /// Reads a file completely, up to the largest size of a record.
    pub(crate) fn bytes(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        let file = match self.file(name, OFlags::RDONLY) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut bytes = Vec::new();
        file.take(MAX_RECORD).read_to_end(&mut bytes)?;
        Ok(Some(bytes))
    }

    pub(crate) fn exists(&self, name: &str) -> bool {
        rustix::fs::statat(&self.fd, name, AtFlags::SYMLINK_NOFOLLOW).is_ok()
    }

    /// Takes the room for a record, so that [`Folder::write`] can still write it when the disk is full.
    pub(crate) fn reserve(&self, name: &str) -> io::Result<()> {
        let temporary = temporary(name);
        self.remove(&temporary)?;
        self.create_file(&temporary)?.write_all(&[b' '; RESERVED])
    }

    /// Writes a record completely or not at all, also across a crash of the system.
    pub(crate) fn write<T: Serialize>(&self, name: &str, record: &T) -> io::Result<()> {
        let temporary = temporary(name);
        // It may be left from a crash, or hold the room for this record.
        self.remove(&temporary)?;
        let mut file = self.create_file(&temporary)?;
        file.write_all(&serde_json::to_vec_pretty(record)?)?;
        file.sync_all()?;
        rustix::fs::renameat(&self.fd, &temporary, &self.fd, name)?;
        Ok(rustix::fs::fsync(&self.fd)?)
    }

    /// Removes a file if it exists.
    pub(crate) fn remove(&self, name: &str) -> io::Result<()> {
        match rustix::fs::unlinkat(&self.fd, name, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    fn open_at(&self, name: &str, flags: OFlags) -> io::Result<File> {
        let flags = flags | OFlags::NONBLOCK | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        Ok(rustix::fs::openat(&self.fd, name, flags, Mode::RUSR | Mode::WUSR)?.into())
    }
}

/// Returns the name of a file that becomes a record.
fn temporary(name: &str) -> String {
    format!("{name}.new")
}

fn only_own(file: &File, kind: FileType) -> io::Result<()> {
    let stat = rustix::fs::fstat(file)?;
    if FileType::from_raw_mode(stat.st_mode) == kind && stat.st_uid == rustix::process::geteuid().as_raw() {
        return Ok(());
    }
    Err(io::Error::other("it is not a file of the expected type that belongs to this user"))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    /// A record that is much larger than a write.
    fn record(letter: char) -> Vec<String> {
        vec![letter.to_string().repeat(1_000); 100]
    }

    #[test]
    fn a_reader_sees_each_record_whole_while_it_is_replaced() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = Folder::open(temporary.path()).unwrap();
        folder.write(EXIT, &record('a')).unwrap();
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for letter in ['a', 'b'].repeat(50) {
                    folder.write(EXIT, &record(letter)).unwrap();
                }
                done.store(true, Ordering::SeqCst);
            });
            while !done.load(Ordering::SeqCst) {
                let read = folder.read::<Vec<String>>(EXIT).unwrap().unwrap();
                assert!(read == record('a') || read == record('b'));
            }
        });
    }

    #[test]
    fn what_a_crash_left_of_a_record_is_replaced() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = Folder::open(temporary.path()).unwrap();
        std::fs::write(temporary.path().join("exit.new"), "[\"hal").unwrap();
        assert_eq!(folder.read::<Vec<String>>(EXIT).unwrap(), None);
        folder.write(EXIT, &record('a')).unwrap();
        assert_eq!(folder.read(EXIT).unwrap(), Some(record('a')));
        assert_eq!(std::fs::read_dir(temporary.path()).unwrap().count(), 1);
    }
}
