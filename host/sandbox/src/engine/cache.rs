//! Compiled components on disk. Compiling takes milliseconds to seconds; reading the cache takes a fraction
//! of a millisecond.
//!
//! Loading compiled code means executing it, and the engine cannot detect tampering. So each entry carries a
//! keyed BLAKE3 hash of its name and its bytes, and exactly the bytes that were verified are loaded. The key
//! is stored outside the cache, so writing to a copied, restored or shared cache achieves nothing.
//!
//! The cache never fails a call: missing, foreign or damaged entries are compiled again.

use std::cmp::Reverse;
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};

use blake3::{Hash, Hasher, OUT_LEN};
use codewalk_policy::{is_own, open_regular, private_folder, regular};
use tempfile::NamedTempFile;

/// The maximum number of entries.
const MAX_ENTRIES: usize = 64;
/// The maximum size of all entries together, in bytes.
const MAX_BYTES: u64 = 1024 * 1024 * 1024;
/// The extension of lock files. Entries have none.
const TURN: &str = "turn";
/// How long a process waits for its turn. After that, two processes may compile the same component.
const MAX_WAIT: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(5);
const SECRET_LEN: usize = 64;
/// The context for deriving the key from the secret.
const PURPOSE: &str = "codewalk 2026-11 compiled components";

/// Where compiled adapters are stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CachePaths {
    /// The folder that contains only the entries. It is created if missing.
    pub folder: PathBuf,
    /// The file of the secret that authenticates entries. It must be outside the folder. It is created if
    /// missing.
    pub key: PathBuf,
}

/// Contains the key, so it does not implement `Debug`.
pub(crate) struct Cache {
    folder: PathBuf,
    key: [u8; blake3::KEY_LEN],
}

impl Cache {
    /// Opens the cache at `paths`, or returns `None` if it cannot be trusted.
    pub(crate) fn open(paths: &CachePaths) -> Option<Self> {
        let opened = private_folder(&paths.folder).and_then(|()| secret(&paths.key));
        match opened {
            Ok(secret) => {
                Some(Self { folder: paths.folder.clone(), key: blake3::derive_key(PURPOSE, &secret) })
            }
            Err(error) => {
                let CachePaths { folder, key } = paths;
                tracing::warn!(?folder, ?key, %error, "compiled adapters are not cached");
                None
            }
        }
    }

    /// Returns the bytes stored under `name`, if they are authentic.
    pub(crate) fn load(&self, name: &str) -> Option<Vec<u8>> {
        match self.read(name) {
            Ok(bytes) => Some(bytes),
            Err(error) => {
                tracing::debug!(name, %error, "no such compiled adapter");
                None
            }
        }
    }

    /// Returns whether there is any file under `name`.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.folder.join(name).exists()
    }

    /// Stores `bytes` under `name`.
    pub(crate) fn store(&self, name: &str, bytes: &[u8]) {
        if let Err(error) = self.write(name, bytes).and_then(|()| self.prune()) {
            tracing::debug!(name, %error, "a compiled adapter was not cached");
        }
    }

    /// Waits for the turn to create the entry `name`, so that only one of many processes compiles it. The
    /// turn ends when it is dropped or its process ends.
    pub(crate) fn turn(&self, name: &str) -> Option<Turn> {
        let path = self.folder.join(name).with_extension(TURN);
        let begun = Instant::now();
        let taken = regular(OpenOptions::new().write(true).create(true), &path).and_then(|file| {
            loop {
                match file.try_lock() {
                    Ok(()) => break Ok(file),
                    // The owner may be suspended.
                    Err(TryLockError::WouldBlock) if begun.elapsed() < MAX_WAIT => sleep(PAUSE),
                    Err(error) => break Err(error.into()),
                }
            }
        });
        match taken {
            Ok(file) => Some(Turn { path, _file: file }),
            Err(error) => {
                tracing::debug!(name, %error, "cannot wait for a turn to compile");
                None
            }
        }
    }

    fn read(&self, name: &str) -> io::Result<Vec<u8>> {
        let path = self.folder.join(name);
        let metadata = path.symlink_metadata()?;
        if !metadata.is_file() || metadata.len() > MAX_BYTES {
            return Err(io::Error::other("it is not an entry of this cache"));
        }
        let mut file = open_regular(&path)?;
        let mut code = [0; OUT_LEN];
        file.read_exact(&mut code)?;
        let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or_default());
        (&file).take(MAX_BYTES).read_to_end(&mut bytes)?;
        // Compares in constant time.
        if self.code(name, &bytes) != Hash::from_bytes(code) {
            return Err(io::Error::other("it is not authentic"));
        }
        // Entries in use are kept: the oldest are removed first.
        file.set_modified(SystemTime::now())?;
        Ok(bytes)
    }

    fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let mut file = NamedTempFile::new_in(&self.folder)?;
        file.write_all(self.code(name, bytes).as_bytes())?;
        file.write_all(bytes)?;
        file.persist(self.folder.join(name))?;
        Ok(())
    }

    fn code(&self, name: &str, bytes: &[u8]) -> Hash {
        // The length separates name and bytes, so that one entry cannot replace another.
        let length = (name.len() as u64).to_le_bytes();
        Hasher::new_keyed(&self.key).update(&length).update(name.as_bytes()).update(bytes).finalize()
    }

    /// Removes excess entries, oldest first. This eventually also removes half-written files left by a crash.
    fn prune(&self) -> io::Result<()> {
        let mut files: Vec<(SystemTime, u64, PathBuf)> = fs::read_dir(&self.folder)?
            .filter_map(|entry| {
                let entry = entry.ok()?;
                // The owner of a turn removes its file.
                if entry.path().extension().is_some_and(|extension| extension == TURN) {
                    return None;
                }
                let metadata = entry.metadata().ok()?;
                Some((metadata.modified().ok()?, metadata.len(), entry.path()))
            })
            .collect();
        files.sort_by_key(|(modified, ..)| Reverse(*modified));
        let mut total = 0;
        for (index, (_, size, path)) in files.iter().enumerate() {
            total += size;
            // The newest entry was just written.
            if index > 0 && (index >= MAX_ENTRIES || total > MAX_BYTES) {
                // Another process may have removed it.
                fs::remove_file(path).ok();
            }
        }
        Ok(())
    }
}

/// The turn of one process to create an entry.
pub(crate) struct Turn {
    path: PathBuf,
    _file: File,
}

impl Drop for Turn {
    fn drop(&mut self) {
        // Waiting processes already have the file open. New ones find the entry.
        fs::remove_file(&self.path).ok();
    }
}

/// Returns the secret, and creates it if missing. Processes that create it at the same time all get the same
/// one.
fn secret(path: &Path) -> io::Result<[u8; SECRET_LEN]> {
    match read_secret(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        other => return other,
    }
    let parent = path.parent().unwrap_or(Path::new("."));
    DirBuilder::new().recursive(true).mode(0o700).create(parent)?;
    let mut secret = [0; SECRET_LEN];
    getrandom::fill(&mut secret)?;
    // The file is complete and private before it gets its name.
    let mut file = NamedTempFile::new_in(parent)?;
    file.write_all(&secret)?;
    match file.persist_noclobber(path) {
        Err(error) if error.error.kind() != io::ErrorKind::AlreadyExists => Err(error.error),
        _ => read_secret(path),
    }
}

fn read_secret(path: &Path) -> io::Result<[u8; SECRET_LEN]> {
    let metadata = path.symlink_metadata()?;
    if !metadata.is_file() || metadata.len() != SECRET_LEN as u64 {
        return Err(io::Error::other("the key was not written by codewalk; remove it"));
    }
    if !is_own(&metadata) || metadata.mode() & 0o077 != 0 {
        return Err(io::Error::other(
            "the key is accessible to other users; remove it, and codewalk creates a new one",
        ));
    }
    let mut secret = [0; SECRET_LEN];
    File::open(path)?.read_exact(&mut secret)?;
    Ok(secret)
}
