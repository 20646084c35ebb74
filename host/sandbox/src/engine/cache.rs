//! Compiled components on disk. Compiling takes tens of milliseconds to seconds, reading what was compiled before a
//! fraction of one.
//!
//! Loading compiled code means executing it, and the engine cannot tell whether it was tampered with. So an entry
//! counts only if it carries a code over its name and bytes (BLAKE3 with a key) that nobody without the secret can make,
//! and it is those same bytes, in memory already, that are loaded. The secret lies outside the cache: who can write to
//! the cache only, because it was copied, restored or shared, gains nothing.
//!
//! Nothing here ever fails a call: what is missing, foreign or damaged is compiled again.

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

/// How many entries are kept.
const MAX_ENTRIES: usize = 64;
/// How many bytes all entries may have together, and so any one of them.
const MAX_BYTES: u64 = 1024 * 1024 * 1024;
/// What the names of the files end with that processes wait at. Names of entries have no such end.
const TURN: &str = "turn";
/// How long a turn is waited for; then there are two who compile the same.
const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(5);
const SECRET_LEN: usize = 64;
/// Of all keys that could be made of the secret, which one this is.
const PURPOSE: &str = "codewalk 2026-11 compiled components";

/// Where compiled adapters are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CachePaths {
    /// The folder of the entries, for this alone; it is made where it is missing.
    pub folder: PathBuf,
    /// The file of the secret that entries are authenticated with. It must lie outside the folder; it is made where it
    /// is missing.
    pub key: PathBuf,
}

/// Not to be printed: it knows the secret.
pub(crate) struct Cache {
    folder: PathBuf,
    key: [u8; blake3::KEY_LEN],
}

impl Cache {
    /// Returns the cache at `paths`, or none where there is none to be trusted.
    pub(crate) fn open(paths: &CachePaths) -> Option<Self> {
        let opened = private_folder(&paths.folder).and_then(|()| secret(&paths.key));
        match opened {
            Ok(secret) => {
                Some(Self { folder: paths.folder.clone(), key: blake3::derive_key(PURPOSE, &secret) })
            }
            Err(error) => {
                let CachePaths { folder, key } = paths;
                tracing::warn!(?folder, ?key, %error, "compiled adapters are not kept");
                None
            }
        }
    }

    /// Returns the bytes that were stored under `name`, if they are those and no others.
    pub(crate) fn load(&self, name: &str) -> Option<Vec<u8>> {
        match self.read(name) {
            Ok(bytes) => Some(bytes),
            Err(error) => {
                tracing::debug!(name, %error, "no such compiled adapter");
                None
            }
        }
    }

    /// Returns whether something lies there under `name`, whatever it is.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.folder.join(name).exists()
    }

    /// Stores `bytes` under `name`.
    pub(crate) fn store(&self, name: &str, bytes: &[u8]) {
        if let Err(error) = self.write(name, bytes).and_then(|()| self.prune()) {
            tracing::debug!(name, %error, "a compiled adapter was not kept");
        }
    }

    /// Waits for the turn to make the entry `name`, so that of many processes that need it at once only one compiles. It
    /// ends when it is dropped, or with its process.
    pub(crate) fn turn(&self, name: &str) -> Option<Turn> {
        let path = self.folder.join(name).with_extension(TURN);
        let begun = Instant::now();
        let taken = regular(OpenOptions::new().write(true).create(true), &path).and_then(|file| {
            loop {
                match file.try_lock() {
                    Ok(()) => break Ok(file),
                    // Whoever has it may have been stopped.
                    Err(TryLockError::WouldBlock) if begun.elapsed() < PATIENCE => sleep(PAUSE),
                    Err(error) => break Err(error.into()),
                }
            }
        });
        match taken {
            Ok(file) => Some(Turn { path, _file: file }),
            Err(error) => {
                tracing::debug!(name, %error, "a turn to compile cannot be waited for");
                None
            }
        }
    }

    fn read(&self, name: &str) -> io::Result<Vec<u8>> {
        let path = self.folder.join(name);
        let metadata = path.symlink_metadata()?;
        if !metadata.is_file() || metadata.len() > MAX_BYTES {
            return Err(io::Error::other("it is no entry of this cache"));
        }
        let mut file = open_regular(&path)?;
        let mut code = [0; OUT_LEN];
        file.read_exact(&mut code)?;
        let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or_default());
        (&file).take(MAX_BYTES).read_to_end(&mut bytes)?;
        // Takes the same time wherever they differ.
        if self.code(name, &bytes) != Hash::from_bytes(code) {
            return Err(io::Error::other("it was not written by this codewalk"));
        }
        // What is used stays: the oldest entries are removed first.
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
        // Its length says where the name ends, so that no entry can stand for another.
        let length = (name.len() as u64).to_le_bytes();
        Hasher::new_keyed(&self.key).update(&length).update(name.as_bytes()).update(bytes).finalize()
    }

    /// Removes what is too much, the oldest first; what a crash left half-written is among it in time.
    fn prune(&self) -> io::Result<()> {
        let mut files: Vec<(SystemTime, u64, PathBuf)> = fs::read_dir(&self.folder)?
            .filter_map(|entry| {
                let entry = entry.ok()?;
                // Whoever has a turn removes its file.
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
            // The newest is the one just written.
            if index > 0 && (index >= MAX_ENTRIES || total > MAX_BYTES) {
                // Another process may have been faster.
                fs::remove_file(path).ok();
            }
        }
        Ok(())
    }
}

/// The turn of one process to make an entry.
pub(crate) struct Turn {
    path: PathBuf,
    _file: File,
}

impl Drop for Turn {
    fn drop(&mut self) {
        // Whoever waits has the file open already; whoever comes now finds the entry.
        fs::remove_file(&self.path).ok();
    }
}

/// Returns the secret, which is made where there is none. Of many processes that make one at once, all get the same.
fn secret(path: &Path) -> io::Result<[u8; SECRET_LEN]> {
    match read_secret(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        other => return other,
    }
    let parent = path.parent().unwrap_or(Path::new("."));
    DirBuilder::new().recursive(true).mode(0o700).create(parent)?;
    let mut secret = [0; SECRET_LEN];
    getrandom::fill(&mut secret).map_err(io::Error::other)?;
    // Complete, and readable by its owner alone, before it gets its name.
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
        return Err(io::Error::other("the key is not one of codewalk's; remove it"));
    }
    if !is_own(&metadata) || metadata.mode() & 0o077 != 0 {
        return Err(io::Error::other(
            "the key is accessible to other users; remove it and a new one is made",
        ));
    }
    let mut secret = [0; SECRET_LEN];
    File::open(path)?.read_exact(&mut secret)?;
    Ok(secret)
}
